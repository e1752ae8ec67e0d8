-- The positions in the queue (w and their id) among ids of locks and positions.
CREATE OR REPLACE FUNCTION queue_positions(p_ids text[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY(SELECT substr(id, 2)::bigint FROM unnest(p_ids) id WHERE id ~ '^w\d+$');
END $$;
