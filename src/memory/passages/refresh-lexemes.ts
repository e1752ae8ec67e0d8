import type { Pool } from 'pg';
import type { Logger } from '../../logger.js';

/** Passages of one statement: about 10 ms of an embedded database, where others wait for it. */
const PASSAGES_A_STATEMENT = 50;
/** Statements between two lines of the log that say how far it is. */
const STATEMENTS_A_LINE = 100;

/** How far a pass over older passages is; ids of passages. */
export interface LexemePass {
  name: string;
  doneId: number;
  lastId: number;
}

/**
 * One step: the next passages of a pass get the lexemes of today's rules, if their text is not plain ASCII, whose lexemes
 * never changed. Repeated or interrupted it does no harm.
 */
const STEP_SQL = `
WITH pass AS (
  SELECT name, done_id, last_id FROM lexeme_passes WHERE name = $1 FOR UPDATE SKIP LOCKED
), due AS MATERIALIZED (
  SELECT p.id, m.part FROM pass, LATERAL (
    SELECT id, owner_kind, owner_id, start_offset, end_offset FROM passages
    WHERE id > pass.done_id AND id <= pass.last_id ORDER BY id LIMIT ${PASSAGES_A_STATEMENT}
  ) p LEFT JOIN LATERAL (
    SELECT substr(t.body, p.start_offset + 1, p.end_offset - p.start_offset) AS part FROM memory_texts t
    WHERE t.owner_kind = p.owner_kind AND t.owner_id = p.owner_id LIMIT 1
  ) m ON true
), lexemes AS MATERIALIZED (
  SELECT id, popstash_tsvector(part) AS tsv FROM due WHERE octet_length(part) > char_length(part)
), changed AS (
  UPDATE passages p SET tsv = l.tsv, lexeme_count = popstash_length(l.tsv) FROM lexemes l
  WHERE p.id = l.id AND p.tsv IS NOT NULL AND p.tsv <> l.tsv
)
UPDATE lexeme_passes t SET done_id = coalesce((SELECT max(id) FROM due), t.last_id), updated_at = now()
FROM pass WHERE t.name = pass.name
RETURNING t.done_id::float8 AS "doneId"`;

/** The passes that are not at their end. */
export async function findLexemePasses(pool: Pool): Promise<LexemePass[]> {
  const { rows } = await pool.query<LexemePass>(
    `SELECT name, done_id::float8 AS "doneId", last_id::float8 AS "lastId" FROM lexeme_passes WHERE done_id < last_id ORDER BY name`,
  );
  return rows;
}

/**
 * Gives older passages the lexemes of today's rules, some at a time, so that no call waits for it, and logs how far it is.
 * Goes on where the last run stopped; a pass that another process is at is left to it.
 * @throws the database's error
 */
export async function refreshLexemes(pool: Pool, logger: Logger): Promise<void> {
  for (const { name, lastId } of await findLexemePasses(pool)) {
    for (let steps = 1; ; steps++) {
      const { rows } = await pool.query<{ doneId: number }>({
        name: 'refresh-lexemes',
        text: STEP_SQL,
        values: [name],
      });
      const doneId = rows[0]?.doneId;
      if (doneId === undefined) break;
      const isDone = doneId >= lastId;
      if (isDone || steps % STATEMENTS_A_LINE === 0) {
        logger.info(
          { pass: name, done: Math.round((100 * doneId) / lastId) },
          isDone ? "older memories indexed by today's rules" : 'indexing older memories, in percent',
        );
      }
      if (isDone) break;
    }
  }
}
