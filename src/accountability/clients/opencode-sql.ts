import { MAX_ANSWER_CHARS } from './answered-task.js';

/** The part of Node's `node:sqlite` that is used. Its types are not in those of Node 20. */
export interface SqliteDatabase {
  prepare(sql: string): { all(...values: (string | number)[]): unknown[] };
  close(): void;
}

interface SqliteModule {
  DatabaseSync: new (path: string, options: { readOnly: boolean }) => SqliteDatabase;
}

/**
 * Opens a database for reading, with the SQLite that Node carries since 22.13.
 * @returns a sentence instead, where this Node has none
 * @throws SQLite's error if the file cannot be opened
 */
export async function openSqlite(path: string): Promise<SqliteDatabase | string> {
  // Not a literal, so that neither the compiler nor the bundler of Node 20 looks for it.
  const name = ['node', 'sqlite'].join(':');
  let module: SqliteModule;
  try {
    module = (await import(name)) as SqliteModule;
  } catch {
    return `not read: needs Node 22.13 or later, this is ${process.version}`;
  }
  return new module.DatabaseSync(path, { readOnly: true });
}

/** Answers that changed after a moment, with their session. A message changes with each of its steps. */
export const CHANGED_MESSAGES = `
  SELECT message.id AS message_id, message.data AS message_data, message.time_updated AS updated_at,
         session.id AS session_id, session.parent_id, session.directory, session.version, session.time_created AS born_at
    FROM message
    JOIN session ON session.id = message.session_id
   WHERE message.time_updated > ?1 OR (message.time_updated = ?1 AND message.id > ?2)
   ORDER BY message.time_updated, message.id
   LIMIT ?3`;

/** The tool calls and finished steps of a message, in order. */
export const MESSAGE_PARTS = `
  SELECT id, time_created AS created_at, json_extract(data, '$.type') AS type, json_extract(data, '$.callID') AS call_id,
         json_extract(data, '$.tokens') AS tokens, json_extract(data, '$.cost') AS cost,
         json_extract(data, '$.tool') AS tool, substr(json_extract(data, '$.state.output'), 1, ${MAX_ANSWER_CHARS}) AS answer
    FROM part
   WHERE message_id = ?1 AND json_extract(data, '$.type') IN ('tool', 'step-finish')
   ORDER BY id`;

/** The session that a sub-agent's session was started from, up to the first. */
export const ROOT_SESSION = `
  WITH RECURSIVE ancestor(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM session WHERE id = ?1
    UNION ALL
    SELECT session.id, session.parent_id, depth + 1 FROM session JOIN ancestor ON session.id = ancestor.parent_id WHERE depth < 20
  )
  SELECT id FROM ancestor ORDER BY depth DESC LIMIT 1`;
