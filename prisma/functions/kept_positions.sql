-- Positions in the queue whose process renews them (see keep_queue). Others are passed over, and deleted some seconds later.
CREATE OR REPLACE VIEW kept_positions AS
  SELECT w.* FROM lock_waiters w
  WHERE EXISTS (SELECT 1 FROM queue_keepers k WHERE k.id = w.keeper AND k.alive_until > clock_timestamp());
