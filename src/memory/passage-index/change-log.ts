import type { Pool } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import type { Signals } from '../../db/signal-types.js';

/** The setting of the session that holds the ids of changed passages: `,12,13,`. Not set: nobody follows. */
const SETTING = 'popstash.changed_passages';
/** Stands for more ids than are listed. */
const TOO_MANY = 'all';
/** Characters of a list: some thousand ids. */
const MAX_LIST_CHARS = 60_000;

/** Signal that passages have changed. */
const TOPIC = 'passages';

const FUNCTION_BODY = `
DECLARE
  known text := current_setting('${SETTING}', true);
BEGIN
  PERFORM pg_notify('popstash', '${TOPIC}');
  IF coalesce(known, '') IN ('', '${TOO_MANY}') THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'TRUNCATE' OR length(known) > ${MAX_LIST_CHARS} THEN
    known := '${TOO_MANY}';
  ELSE
    known := known || coalesce((SELECT string_agg(id || ',', '') FROM changed), '');
  END IF;
  PERFORM set_config('${SETTING}', known, false);
  RETURN NULL;
END `;

/**
 * Notes the passages that a statement inserts, changes or deletes, by any process, and signals that there are some. A
 * setting is rolled back with its transaction, is gone with the process, and costs no write. It works only where all
 * clients share one session, which is the embedded database.
 */
const INSTALL_SQL = `
CREATE OR REPLACE FUNCTION note_changed_passages() RETURNS trigger LANGUAGE plpgsql AS $body$${FUNCTION_BODY}$body$;
CREATE OR REPLACE TRIGGER passages_inserted AFTER INSERT ON passages
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_passages();
CREATE OR REPLACE TRIGGER passages_updated AFTER UPDATE ON passages
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_passages();
CREATE OR REPLACE TRIGGER passages_deleted AFTER DELETE ON passages
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_passages();
CREATE OR REPLACE TRIGGER passages_truncated AFTER TRUNCATE ON passages
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_passages()`;

/** Prepares an embedded database for `followChangeLog`; does nothing where that is done. */
export async function installChangeLog(pool: Pool): Promise<void> {
  const { rows } = await pool.query(
    `SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname = 'passages_truncated' AND p.prosrc = $1`,
    [FUNCTION_BODY],
  );
  if (rows.length === 0) await pool.query(INSTALL_SQL);
}

export interface ChangeLog {
  /**
   * Takes the ids of passages that changed since the last call, by transactions that have ended. Asks the database only
   * when there was a signal since.
   * @returns null when they are not known: at the first call of a process, or when they are too many
   */
  take(): Promise<number[] | null>;
  close(): void;
}

/**
 * Follows the changes of passages. In the embedded database a transaction's signals are heard before its own client has
 * its answer, so whoever has heard none has missed no change that is acknowledged.
 */
export function followChangeLog(pool: Pool, signals: Pick<Signals, 'on'>): ChangeLog {
  /** A signal was heard, so there is a connection for them. */
  let isListening = false;
  let hasProbed = false;
  let mayHaveChanged = true;
  const off = signals.on(TOPIC, () => {
    isListening = true;
    mayHaveChanged = true;
  });
  return {
    async take() {
      if (isListening && !mayHaveChanged) return [];
      // Before the statement: what comes while it runs is for the next one.
      mayHaveChanged = false;
      const isProbe = !isListening && !hasProbed;
      hasProbed = true;
      try {
        return await takeChanges(pool, isProbe);
      } catch (error) {
        mayHaveChanged = true;
        throw error;
      }
    },
    close: off,
  };
}

/** @param isProbe sends the signal too, to learn whether it is heard */
async function takeChanges(pool: Pool, isProbe: boolean): Promise<number[] | null> {
  const { rows } = await pool.query<{ ids: string | null }>({
    name: 'take-changed-passages',
    // The list is an argument of what empties it, so it is read before.
    text: `SELECT ids, set_config('${SETTING}', left(',' || coalesce(ids, ''), 1), false),
             CASE WHEN $1::boolean THEN pg_notify('popstash', '${TOPIC}') END
           FROM (SELECT current_setting('${SETTING}', true) AS ids ${FENCE}) AS log`,
    values: [isProbe],
  });
  const ids = rows[0]?.ids;
  if (!ids || ids === TOO_MANY) return null;
  return [...new Set(ids.split(',').filter(Boolean))].map(Number);
}
