import type { ClientBase } from 'pg';
import type { AppError } from '../../errors.js';
import { describeFault } from '../faults/describe-fault.js';
import { lasting } from '../faults/fault.js';
import { READ_ONLY } from '../faults/state-faults.js';
import { type SessionSettings, writeSettings } from './session-settings.js';

/** What a new connection says of the server at its other end. */
export interface ServerFacts {
  /** In recovery: it follows a primary. */
  standby: boolean;
  readonly: boolean;
  /** Such as 150020 for 15.20. */
  version: number;
  encoding: string;
  /** Some extension is in a schema that the role's search path lacks. */
  extendsPath: boolean;
  /** Process that answers. */
  pid: number;
}

/** The oldest PostgreSQL on which migrations and statements were tried (docs/scale.md), by its major. */
const MIN_MAJOR = 14;

const FACTS = `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS readonly,
  current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding, pg_backend_pid() AS pid`;

/** Where an extension is in a schema of its own (Supabase: extensions), its types and operators are found there too. */
const FIND_EXTENSIONS = `SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), places), false)
  FROM (SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') AS places
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname IN ('vector', 'pg_trgm', 'btree_gin') AND n.nspname <> ALL (current_schemas(true))
          AND has_schema_privilege(n.oid, 'USAGE')) missing
  WHERE places IS NOT NULL`;

/**
 * Makes a new connection ready: its settings, and a look at who answers.
 * @param looksForExtensions what an earlier connection said of them; the tables that tell it cost a new one some ms
 * @throws AppError when that server can't be worked with
 */
export async function admitConnection(
  client: ClientBase,
  settings: SessionSettings,
  timeoutMs: number,
  looksForExtensions = true,
): Promise<ServerFacts> {
  const text = [writeSettings(settings), ...(looksForExtensions ? [FIND_EXTENSIONS] : []), FACTS].join('; ');
  // Several statements in one message have several results, which the types of pg do not know.
  const query = { text, query_timeout: timeoutMs };
  const results = (await client.query(query)) as unknown as { rows: ServerFacts[] }[];
  const facts = results.at(-1)?.rows[0];
  const extendsPath = looksForExtensions && (results[1]?.rows.length ?? 0) > 0;
  if (!facts) throw new Error('the database did not say what it is');
  const refusal = refuseServer(facts);
  if (refusal) throw refusal;
  return { ...facts, extendsPath };
}

function refuseServer({ standby, readonly, version, encoding }: ServerFacts): AppError | null {
  if (Math.floor(version / 10_000) < MIN_MAJOR) {
    const what = `This PostgreSQL is too old: version ${Math.floor(version / 10_000)}, and PopStash needs ${MIN_MAJOR} or newer`;
    return describeFault(lasting(what, `Ask the user to move to a PostgreSQL ${MIN_MAJOR} or newer.`), '');
  }
  if (encoding !== 'UTF8') {
    const what = `The encoding of the database is ${encoding}, and PopStash stores text of every language`;
    const fix = 'Ask the user to make a database with: CREATE DATABASE NAME ENCODING UTF8 TEMPLATE template0';
    return describeFault(lasting(what, fix), '');
  }
  if (standby || readonly) {
    return describeFault(READ_ONLY, standby ? 'it follows a primary' : 'transaction_read_only is on');
  }
  return null;
}
