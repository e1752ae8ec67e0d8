import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { AppError } from '../../errors.js';
import { cleanJson } from './clean-records.js';

/** A file of a client on one machine. */
export interface FileName {
  host: string;
  client: string;
  path: string;
}

/** A reader's right to a file: nobody else reads it until the claim ends. */
export interface FileClaim extends FileName {
  claim: string;
  /** What the reader saved last; null for a file that was never read. */
  state: unknown;
}

/** How far a claimed file has been read. */
export interface FilePosition extends FileName {
  claim: string;
  /** What the reader must know to go on, as JSON. */
  state: unknown;
  /** The claim ends with this position. */
  isReleased?: boolean;
}

/** A reader that was killed holds its files for this long; one that lives renews its claim with each batch. */
const CLAIM_SECONDS = 30;

/**
 * Claims a file for reading. The process that has the claim reads without a transaction; the position moves with the entries, in
 * `recordUsage`, and only while the claim stands.
 * @returns null while another reader has it
 */
export async function claimFile(pool: Pool, name: FileName): Promise<FileClaim | null> {
  const [claim = null] = await claimFiles(pool, [name]);
  return claim;
}

/**
 * Claims several files at once.
 * @param names each once
 * @returns claims of those that no other reader has, in the order of the names
 */
export async function claimFiles(pool: Pool, names: readonly FileName[]): Promise<FileClaim[]> {
  if (names.length === 0) return [];
  const claim = randomUUID();
  const { rows } = await pool.query<FileName & { state: unknown }>({
    name: 'usage_claim_files',
    // In one order, so that two readers never wait for each other in a ring.
    text: `WITH names AS (
        SELECT host, client, path FROM json_populate_recordset(NULL::transcript_files, $1::json)
        ORDER BY host, client, path
      ), made AS (
        INSERT INTO transcript_files (host, client, path, claim, claimed_until)
        SELECT host, client, path, $2, clock_timestamp() + make_interval(secs => $3) FROM names
        ON CONFLICT (host, client, path) DO NOTHING RETURNING host, client, path, state
      ), free AS (
        SELECT host, client, path FROM transcript_files f JOIN names USING (host, client, path)
        WHERE claimed_until IS NULL OR claimed_until <= clock_timestamp()
        FOR UPDATE OF f SKIP LOCKED
      ), taken AS (
        UPDATE transcript_files f SET claim = $2, claimed_until = clock_timestamp() + make_interval(secs => $3)
        FROM free WHERE (f.host, f.client, f.path) = (free.host, free.client, free.path)
        RETURNING f.host, f.client, f.path, f.state
      )
      SELECT host, client, path, state FROM made UNION ALL SELECT host, client, path, state FROM taken`,
    values: [
      cleanJson(JSON.stringify(names.map(({ host, client, path }) => ({ host, client, path })))),
      claim,
      CLAIM_SECONDS,
    ],
  });
  const claimed = new Map(rows.map((row) => [keyOf(row), row]));
  return names.flatMap(({ host, client, path }) => {
    const row = claimed.get(keyOf({ host, client, path }));
    return row ? [{ host, client, path, claim, state: row.state ?? null }] : [];
  });
}

function keyOf({ host, client, path }: FileName): string {
  return JSON.stringify([host, client, path]);
}

/** Gives a claim back; one that has ended or was taken over is left alone. */
export async function releaseFile(pool: Pool, claim: FileName & { claim: string }): Promise<void> {
  await releaseFiles(pool, [claim]);
}

/** Gives several claims back. */
export async function releaseFiles(pool: Pool, claims: readonly (FileName & { claim: string })[]): Promise<void> {
  if (claims.length === 0) return;
  await pool.query({
    name: 'usage_release_files',
    text: `UPDATE transcript_files f SET claim = NULL, claimed_until = NULL
      FROM json_populate_recordset(NULL::transcript_files, $1::json) AS p
      WHERE (f.host, f.client, f.path, f.claim) = (p.host, p.client, p.path, p.claim)`,
    values: [cleanJson(JSON.stringify(claims.map(({ host, client, path, claim }) => ({ host, client, path, claim }))))],
  });
}

/** What was saved of every file of a machine, by path: most need no reading, and so no claim. */
export async function listFileStates(pool: Pool, host: string, client: string): Promise<Map<string, unknown>> {
  const { rows } = await pool.query<{ path: string; state: unknown }>(
    'SELECT path, state FROM transcript_files WHERE host = $1 AND client = $2 AND state IS NOT NULL',
    [host, client],
  );
  return new Map(rows.map(({ path, state }) => [path, state]));
}

/** Of every file of a machine the field `stamp` of its state: how the file looked when it was read to its end. */
export async function listFileStamps(pool: Pool, host: string, client: string): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ path: string; stamp: string }>(
    `SELECT path, state->>'stamp' AS stamp FROM transcript_files
     WHERE host = $1 AND client = $2 AND state->>'stamp' IS NOT NULL`,
    [host, client],
  );
  return new Map(rows.map(({ path, stamp }) => [path, stamp]));
}

/**
 * Moves the positions of claimed files, within the transaction that writes what was read, and renews the claims.
 * @throws AppError `conflict` when another reader has claimed one of them meanwhile
 */
export async function moveFilePositions(client: ClientBase, positions: readonly FilePosition[]): Promise<void> {
  if (positions.length === 0) return;
  const { rowCount } = await client.query({
    name: 'usage_move_files',
    text: `UPDATE transcript_files f
      SET state = p.state, read_at = now(), claim = CASE WHEN p."isReleased" THEN NULL ELSE f.claim END,
        claimed_until = CASE WHEN p."isReleased" THEN NULL ELSE clock_timestamp() + make_interval(secs => $2) END
      FROM json_to_recordset($1::json)
        AS p(host text, client text, path text, claim text, state jsonb, "isReleased" boolean)
      WHERE (f.host, f.client, f.path, f.claim) = (p.host, p.client, p.path, p.claim)`,
    values: [cleanJson(JSON.stringify(positions)), CLAIM_SECONDS],
  });
  if (rowCount === positions.length) return;
  throw new AppError({
    code: 'conflict',
    message: 'Another reader has taken over a file while it was read.',
    fix: 'Nothing to do: the other reader goes on from the last position that was saved.',
    retryable: true,
  });
}
