-- What `popstash import` wrote, so that it can be repeated without writing twice, and taken back as a whole.

CREATE TABLE imports (
  id          text PRIMARY KEY,
  project_id  text NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  source      text NOT NULL,
  origin      text NOT NULL,
  imported_by text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  undone_at   timestamptz
);
CREATE INDEX imports_project_id_created_at_idx ON imports (project_id, created_at DESC);

CREATE TABLE imported_memories (
  memory_id    text PRIMARY KEY,
  import_id    text NOT NULL REFERENCES imports(id) ON DELETE CASCADE,
  project_id   text NOT NULL,
  source       text NOT NULL,
  source_key   text NOT NULL,
  content_hash bytea NOT NULL
);
CREATE INDEX imported_memories_project_id_source_source_key_idx ON imported_memories (project_id, source, source_key);
CREATE INDEX imported_memories_import_id_idx ON imported_memories (import_id);
