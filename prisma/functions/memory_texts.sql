-- (Not IS NULL: the indexes of live rows would fit that, and be read whole for one id.)
CREATE OR REPLACE VIEW memory_texts AS
  SELECT 'stash'::text AS owner_kind, id AS owner_id, project_id, stash_search_text(name, summary, files) AS body
    FROM stashes WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'insight', id, project_id, insight_search_text(key, content, tags)
    FROM insights WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'decision', id, project_id, decision_search_text(topic, decision, reasoning)
    FROM decisions WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity';
