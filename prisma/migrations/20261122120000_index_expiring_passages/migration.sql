-- The maintenance job looks for expired passages every minute: few have an end, so the index is small.
CREATE INDEX passages_expires_at_idx ON passages (expires_at) WHERE expires_at IS NOT NULL;
