-- Names are searched as they are compared: by fold_name, which knows the letters of every script.

DROP INDEX stashes_name_trgm_idx;
CREATE INDEX stashes_name_trgm_idx ON stashes USING gin (project_id, fold_name(name) gin_trgm_ops);
DROP INDEX insights_key_trgm_idx;
CREATE INDEX insights_key_trgm_idx ON insights USING gin (project_id, fold_name(key) gin_trgm_ops);
DROP INDEX decisions_topic_trgm_idx;
CREATE INDEX decisions_topic_trgm_idx ON decisions USING gin (project_id, fold_name(topic) gin_trgm_ops);
