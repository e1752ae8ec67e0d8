-- A sign of life of a process that keeps positions in the queue: all of them stand for five seconds more.
CREATE OR REPLACE FUNCTION renew_keeper(p_keeper text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO queue_keepers (id, alive_until) VALUES (p_keeper, clock_timestamp() + interval '5 seconds')
  ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until;
$$;
