-- Moves what one project has in the ledger to another; see move_project. Under the locks of the ledger and its roll-ups. The
-- trigger appends what the entries change, and then belongs to one project, where it cancels out: sums of roll-ups and
-- changes equal sums of entries before and after.
CREATE OR REPLACE FUNCTION move_usage(p_from text, p_into text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE usage_entries SET project_id = CASE project_id WHEN p_from THEN p_into ELSE project_id END,
    cwd_project_id = CASE cwd_project_id WHEN p_from THEN p_into ELSE cwd_project_id END
  WHERE project_id = p_from OR cwd_project_id = p_from;
  UPDATE usage_changes SET project_id = p_into WHERE project_id = p_from;
  INSERT INTO usage_rollups AS r SELECT (jsonb_populate_record(f, jsonb_build_object('project_id', p_into))).*
    FROM usage_rollups f WHERE project_id = p_from
    ON CONFLICT (project_id, bucket, agent_id, session_id, client, client_session, model, grade) DO UPDATE SET
      requests = r.requests + excluded.requests, unpriced = r.unpriced + excluded.unpriced,
      input_tokens = r.input_tokens + excluded.input_tokens, output_tokens = r.output_tokens + excluded.output_tokens,
      reasoning_tokens = r.reasoning_tokens + excluded.reasoning_tokens,
      cache_read_tokens = r.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_5m_tokens = r.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
      cache_write_1h_tokens = r.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
      web_searches = r.web_searches + excluded.web_searches, cost_usd = r.cost_usd + excluded.cost_usd;
  DELETE FROM usage_rollups WHERE project_id = p_from;
  INSERT INTO usage_totals AS t SELECT (jsonb_populate_record(f, jsonb_build_object('project_id', p_into))).*
    FROM usage_totals f WHERE project_id = p_from
    ON CONFLICT (project_id, dimension, period, bucket, key, grade) DO UPDATE SET
      requests = t.requests + excluded.requests, unpriced = t.unpriced + excluded.unpriced,
      input_tokens = t.input_tokens + excluded.input_tokens, output_tokens = t.output_tokens + excluded.output_tokens,
      reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
      cache_read_tokens = t.cache_read_tokens + excluded.cache_read_tokens,
      cache_write_5m_tokens = t.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
      cache_write_1h_tokens = t.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
      web_searches = t.web_searches + excluded.web_searches, cost_usd = t.cost_usd + excluded.cost_usd;
  DELETE FROM usage_totals WHERE project_id = p_from;
END $$;
