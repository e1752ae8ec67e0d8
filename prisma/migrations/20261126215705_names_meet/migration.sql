-- Names and keys meet that differ by case or Unicode form; the author of a replaced memory is told.
-- Older versions that still run do not see such names as one, and may fail to save under them.

ALTER TYPE notice_kind ADD VALUE 'memory_replaced';

-- Of live stashes, and insights, whose names are one now, the newest answers; the others become versions before it.
WITH named AS (
  SELECT id, first_value(id) OVER (PARTITION BY project_id, fold_name(name) ORDER BY created_at DESC, id) AS newest
  FROM stashes WHERE superseded_by IS NULL AND forgotten_at IS NULL
)
UPDATE stashes s SET superseded_by = n.newest, superseded_at = now() FROM named n WHERE s.id = n.id AND n.newest <> n.id;

WITH named AS (
  SELECT id, first_value(id) OVER (PARTITION BY project_id, fold_name(key) ORDER BY created_at DESC, id) AS newest
  FROM insights WHERE superseded_by IS NULL AND forgotten_at IS NULL AND key IS NOT NULL
)
UPDATE insights i SET superseded_by = n.newest, superseded_at = now() FROM named n WHERE i.id = n.id AND n.newest <> n.id;

DELETE FROM passages p USING stashes s
  WHERE p.owner_kind = 'stash' AND p.owner_id = s.id AND s.superseded_by IS NOT NULL;
DELETE FROM passages p USING insights i
  WHERE p.owner_kind = 'insight' AND p.owner_id = i.id AND i.superseded_by IS NOT NULL;

DROP INDEX stashes_live_name_key;
CREATE UNIQUE INDEX stashes_live_name_key ON stashes (project_id, fold_name(name))
  WHERE superseded_by IS NULL AND forgotten_at IS NULL;
DROP INDEX stashes_project_id_name_version_key;
CREATE INDEX stashes_project_id_name_version_idx ON stashes (project_id, fold_name(name), version DESC);

DROP INDEX insights_live_key_key;
CREATE UNIQUE INDEX insights_live_key_key ON insights (project_id, fold_name(key))
  WHERE superseded_by IS NULL AND forgotten_at IS NULL;
DROP INDEX insights_project_id_key_version_key;
CREATE INDEX insights_project_id_key_version_idx ON insights (project_id, fold_name(key), version DESC);

DROP INDEX decisions_project_id_topic_idx;
CREATE INDEX decisions_project_id_topic_idx ON decisions ((project_id || ''), fold_name(topic), created_at DESC);
