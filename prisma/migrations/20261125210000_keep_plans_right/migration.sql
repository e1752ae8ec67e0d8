-- What keeps statements quick on tables that have grown since they were last analysed, or never were: an embedded
-- database is analysed by its own maintenance job, up to a minute later.

-- Words and topics by project: searches say `project_id || ''`, which no other index fits. By the plain column a table
-- without statistics is read by the index of its projects, row after row.
DROP INDEX decisions_project_id_topic_idx;
CREATE INDEX decisions_project_id_topic_idx ON decisions ((project_id || ''), lower(topic), created_at DESC);
-- New lexemes wait in a list that every search by words reads whole: kept short by the embedding workers
-- (src/embedding/embed-passages.ts), and by the writer that finds it longer than this (KB) all the same.
DROP INDEX passages_tsv_gin;
CREATE INDEX passages_tsv_gin ON passages USING gin ((project_id || ''), tsv) WITH (gin_pending_list_limit = 64)
  WHERE tsv IS NOT NULL;

-- Nothing is planned by them, and to look at 30,000 rows of them takes longer than at all other columns.
ALTER TABLE passages ALTER COLUMN embedding SET STATISTICS 0;
ALTER TABLE passages ALTER COLUMN tsv SET STATISTICS 0;
ALTER TABLE passages ALTER COLUMN content_hash SET STATISTICS 0;

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
