-- The text of every live memory, as it is searched: passages are parts of it.
-- (hint: hidden column. The indexes of live rows would fit IS NULL, and be read whole for one id.)
CREATE OR REPLACE VIEW memory_texts AS
  SELECT 'stash'::memory_kind AS owner_kind, id AS owner_id, project_id, stash_search_text(name, summary, files) AS body
    FROM stashes WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'insight'::memory_kind, id, project_id, insight_search_text(key, content, tags)
    FROM insights WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity'
  UNION ALL
  SELECT 'decision'::memory_kind, id, project_id, decision_search_text(topic, decision, reasoning)
    FROM decisions WHERE coalesce(superseded_by, '') = '' AND coalesce(forgotten_at, 'infinity') = 'infinity';
