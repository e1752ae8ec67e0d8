import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLostBytes, type LostBytes } from './file-sizes.js';
import { findLogLoss } from './written-log.js';

/** What the files of a database folder tell before anything opens it. */
export type Inspection =
  /** Nothing is there: a database may be made. */
  | { state: 'absent' }
  /** Made by another major version of PostgreSQL. */
  | { state: 'other-version'; version: number }
  /** @param what in words */
  | { state: 'damaged'; what: string }
  /** @param suspects files that have become smaller; those that belong to a table are damage */
  | { state: 'sound'; suspects: LostBytes[] };

/** Without these PostgreSQL does not start, or makes a new database over the old one. */
const NEEDED = [
  'global/pg_control',
  'global/pg_filenode.map',
  'base/1/PG_VERSION',
  'base/5/PG_VERSION',
  'base/5/pg_filenode.map',
  'pg_wal',
  'pg_xact',
  'postgresql.conf',
  'pg_hba.conf',
  'pg_ident.conf',
];
const CONTROL_BYTES = 8_192;
/** Of pg_control: the position of its own version, and the values that it can have. */
const CONTROL_VERSION_AT = 8;
const CONTROL_VERSIONS = { min: 900, max: 9_999 };
/** Below the database folder: what was found when it was opened, which opening it once more might hide. */
const MARK = 'popstash-damage.json';
/** Faults that a text names. */
const MAX_NAMED = 3;

/** Looks at the files of a database folder without changing any. @param version of PostgreSQL that is to open it */
export async function inspectStore(folder: string, version: number): Promise<Inspection> {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return { state: 'absent' };
  const mark = await readFile(join(folder, MARK), 'utf8').catch(() => null);
  if (mark !== null) return { state: 'damaged', what: readMark(mark) };
  const made = await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => null);
  if (made === null) return { state: 'damaged', what: 'PG_VERSION is missing' };
  const number = Number.parseInt(made, 10);
  if (!Number.isInteger(number)) return { state: 'damaged', what: 'PG_VERSION holds no version' };
  if (number !== version) return { state: 'other-version', version: number };
  const missing = NEEDED.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) return { state: 'damaged', what: nameFaults(missing.map((name) => `${name} is missing`)) };
  const what = (await findControlFault(folder)) ?? (await findLogLoss(folder));
  if (what !== null) return { state: 'damaged', what };
  const { lost, isCertain } = await findLostBytes(folder);
  if (isCertain && lost.length > 0) return { state: 'damaged', what: nameFaults(lost.map((each) => each.what)) };
  return { state: 'sound', suspects: lost };
}

/** Keeps what was found, so that later openings say the same. */
export async function markDamaged(folder: string, what: string, now: Date): Promise<void> {
  await writeFile(join(folder, MARK), `${JSON.stringify({ what, found_at: now.toISOString() })}\n`, { mode: 0o600 });
}

/** Several faults in one sentence. */
export function nameFaults(faults: readonly string[]): string {
  const more = faults.length > MAX_NAMED ? ` and ${faults.length - MAX_NAMED} more` : '';
  return `${faults.slice(0, MAX_NAMED).join(', ')}${more}`;
}

function readMark(text: string): string {
  try {
    return String((JSON.parse(text) as { what?: unknown }).what);
  } catch {
    return `it was marked as damaged (${MARK})`;
  }
}

async function findControlFault(folder: string): Promise<string | null> {
  const control = await readFile(join(folder, 'global', 'pg_control'));
  if (control.length !== CONTROL_BYTES) return `global/pg_control has ${control.length} of ${CONTROL_BYTES} bytes`;
  const version = control.readUInt32LE(CONTROL_VERSION_AT);
  const isPlausible = version >= CONTROL_VERSIONS.min && version <= CONTROL_VERSIONS.max;
  return isPlausible ? null : 'global/pg_control holds no state of a database';
}
