-- What the caller's comparisons say of locks (by id) and positions in the queue (w and their id) that may overlap with
-- its request.
--   undecided  not compared yet; null when all are
--   blocking   those that overlap; owners: theirs; holders: the agents of the locks among them
CREATE OR REPLACE FUNCTION decide_candidates(
  p_candidates text[], p_free text[], p_overlapping text[],
  OUT undecided text[], OUT blocking text[], OUT owners text[], OUT holders text[])
LANGUAGE plpgsql STABLE AS $$
BEGIN
  undecided := nullif(ARRAY(
    SELECT unnest(p_candidates) EXCEPT (SELECT unnest(p_free) UNION ALL SELECT unnest(p_overlapping))), '{}');
  blocking := nullif(ARRAY(SELECT unnest(p_candidates) INTERSECT SELECT unnest(p_overlapping)), '{}');
  IF undecided IS NOT NULL OR blocking IS NULL THEN RETURN; END IF;
  SELECT array_agg(owner), array_agg(agent_id) FILTER (WHERE agent_id IS NOT NULL) INTO owners, holders FROM (
    SELECT coalesce(session_id, agent_id) AS owner, agent_id FROM locks WHERE id = ANY(blocking)
    UNION SELECT owner, NULL FROM lock_waiters WHERE id = ANY(queue_positions(blocking))
  ) met;
END $$;
