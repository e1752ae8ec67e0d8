-- Appends to usage_changes what a statement changed in usage_entries, summed by the roll-ups' dimensions. Entries that do
-- not count contribute nothing. The argument names the statement's rows, as the columns of usage_entries and a sign.
CREATE OR REPLACE FUNCTION append_usage_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format($sql$
    INSERT INTO usage_changes (
      bucket, project_id, agent_id, session_id, client, client_session, model, grade, requests, unpriced, input_tokens,
      output_tokens, reasoning_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches,
      cost_usd)
    SELECT * FROM (
      SELECT
        date_bin('15 minutes', occurred_at, 'epoch'), project_id, coalesce(agent_id, ''),
        coalesce(session_id, ''), client, coalesce(client_session, ''), coalesce(model, ''), grade,
        sum(sign) AS requests, sum(sign * (cost_usd IS NULL)::integer) AS unpriced, sum(sign * input_tokens) AS input,
        sum(sign * output_tokens) AS output, sum(sign * reasoning_tokens) AS reasoning,
        sum(sign * cache_read_tokens) AS read, sum(sign * cache_write_5m_tokens) AS write_5m,
        sum(sign * cache_write_1h_tokens) AS write_1h, sum(sign * web_searches) AS searches,
        coalesce(sum(sign * cost_usd), 0) AS cost
      FROM (%s) e WHERE counts GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ) d
    WHERE (requests, unpriced, input, output, reasoning, read, write_5m, write_1h, searches, cost)
      <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)$sql$, TG_ARGV[0]);
  RETURN NULL;
END $$;
