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
}

/** A reader that was killed holds its files for this long; one that lives renews its claim with each batch. */
const CLAIM_SECONDS = 30;

/**
 * Claims a file for reading. The process that has the claim reads without a transaction; the position moves with the entries, in
 * `recordUsage`, and only while the claim stands.
 * @returns null while another reader has it
 */
export async function claimFile(pool: Pool, { host, client, path }: FileName): Promise<FileClaim | null> {
  const claim = randomUUID();
  const { rows } = await pool.query<{ state: unknown }>({
    name: 'usage_claim_file',
    text: `WITH made AS (
        INSERT INTO transcript_files (host, client, path, claim, claimed_until)
        VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
        ON CONFLICT (host, client, path) DO NOTHING RETURNING state
      ), free AS (
        SELECT host, client, path FROM transcript_files
        WHERE host = $1 AND client = $2 AND path = $3
          AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
        FOR UPDATE SKIP LOCKED
      ), taken AS (
        UPDATE transcript_files f SET claim = $4, claimed_until = clock_timestamp() + make_interval(secs => $5)
        FROM free WHERE (f.host, f.client, f.path) = (free.host, free.client, free.path) RETURNING f.state
      )
      SELECT state FROM made UNION ALL SELECT state FROM taken`,
    values: [host, client, path, claim, CLAIM_SECONDS],
  });
  const [row] = rows;
  return row ? { host, client, path, claim, state: row.state ?? null } : null;
}

/** Gives a claim back; one that has ended or was taken over is left alone. */
export async function releaseFile(
  pool: Pool,
  { host, client, path, claim }: FileName & { claim: string },
): Promise<void> {
  await pool.query({
    name: 'usage_release_file',
    text: `UPDATE transcript_files SET claim = NULL, claimed_until = NULL
      WHERE host = $1 AND client = $2 AND path = $3 AND claim = $4`,
    values: [host, client, path, claim],
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

/**
 * Moves the positions of claimed files, within the transaction that writes what was read, and renews the claims.
 * @throws AppError `conflict` when another reader has claimed one of them meanwhile
 */
export async function moveFilePositions(client: ClientBase, positions: readonly FilePosition[]): Promise<void> {
  if (positions.length === 0) return;
  const { rowCount } = await client.query({
    name: 'usage_move_files',
    text: `UPDATE transcript_files f
      SET state = p.state, read_at = now(), claimed_until = clock_timestamp() + make_interval(secs => $2)
      FROM json_populate_recordset(NULL::transcript_files, $1::json) AS p
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
