import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { EMBEDDING_MODEL, FORMER_MODELS } from '../../embedding/embedding-types.js';
import { vectorToSql } from './vector-to-sql.js';

/**
 * A passage that lacks a vector, or has one of a former model, with its text as the memory has it now; text is null when the
 * memory is gone.
 */
export interface PendingPassage {
  id: string;
  /** It never had a vector. */
  isNew: boolean;
  /** Hexadecimal SHA-256 of the text it was read as. */
  hash: string;
  text: string | null;
  /** Since it was written, by the database's clock. */
  ageMs: number;
}

export interface EmbeddedPassage {
  id: string;
  hash: string;
  vector: Float32Array;
}

/** A passage too long for one vector, and the parts that were embedded instead, in code points of its text. */
export interface SplitPassage {
  id: string;
  hash: string;
  parts: { start: number; end: number; text: string; vector: Float32Array }[];
}

/** The passage `p` has a vector of a former model, or parts that have one. @param names parameter with FORMER_MODELS */
const isOutdated = (names: string): string => `(p.embedding_model = ANY (${names}::text[]) AND p.tsv IS NOT NULL)`;

/**
 * Those of the passages that still lack a vector of today's model; read in one snapshot, so text and hash belong together.
 */
export async function fetchPending(pool: Pool, ids: readonly string[]): Promise<PendingPassage[]> {
  const { rows } = await pool.query<PendingPassage>({
    name: 'fetch-pending-passages',
    text: `
      SELECT p.id::text AS id, encode(p.content_hash, 'hex') AS hash, p.embedded_at IS NULL AS "isNew",
             substr(m.body, p.start_offset + 1, p.end_offset - p.start_offset) AS text,
             1000 * extract(epoch FROM clock_timestamp() - p.created_at)::double precision AS "ageMs"
        FROM passages p
        -- Lateral with a limit: joined plainly, every memory there is would be read (0.3 s at 100,000).
        LEFT JOIN LATERAL (
          SELECT t.body FROM memory_texts t WHERE t.owner_kind = p.owner_kind AND t.owner_id = p.owner_id LIMIT 1
        ) m ON true
       WHERE p.id = ANY ($1::bigint[]) AND (p.embedded_at IS NULL OR ${isOutdated('$2')})`,
    values: [ids, FORMER_MODELS],
  });
  return rows;
}

/** Oldest first: passages that have waited longer than `olderThanMs` by the database's clock. */
export async function findPending(pool: Pool, olderThanMs: number, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-pending-passages',
    text: `
      SELECT id::text AS id FROM passages
       WHERE embedded_at IS NULL AND created_at <= clock_timestamp() - make_interval(secs => $1::double precision / 1000)
       ORDER BY created_at LIMIT $2::integer`,
    values: [olderThanMs, limit],
  });
  return rows.map((row) => row.id);
}

/**
 * Newest first, since they are asked for most: passages whose vectors, or whose parts' vectors, a former model has made.
 * The bounds and the order by model say which index is meant: by id, all passages would be read where few are left.
 */
export async function findOutdated(pool: Pool, limit: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-outdated-passages',
    text: `
      SELECT p.id::text AS id FROM unnest($1::text[]) AS former(name), LATERAL (
        SELECT id FROM passages
         WHERE embedding_model >= former.name AND embedding_model <= former.name AND tsv IS NOT NULL
         ORDER BY embedding_model DESC, id DESC LIMIT $2::integer
      ) p LIMIT $2::integer`,
    values: [FORMER_MODELS, limit],
  });
  return rows.map((row) => row.id);
}

/**
 * Commits without waiting for the disk. A vector is derived from its row: to lose the last ones in a crash of the
 * database costs a sweep, to wait for the disk would cost every batch. Part of the statement, so that it is one round
 * trip.
 */
const ASYNC_COMMIT = `async_commit AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS was)`;

/**
 * Writes vectors where the text is still the one that was embedded and no other worker was first.
 * @returns how many rows changed.
 */
export async function writeVectors(pool: Pool, passages: readonly EmbeddedPassage[]): Promise<number> {
  if (passages.length === 0) return 0;
  const { rowCount } = await pool.query({
    name: 'write-passage-vectors',
    text: `
      WITH ${ASYNC_COMMIT}
      UPDATE passages p SET embedding = v.vector::vector, embedding_model = $4, embedded_at = clock_timestamp()
        FROM async_commit, unnest($1::bigint[], $2::text[], $3::text[]) AS v(id, hash, vector)
       WHERE p.id = v.id AND p.content_hash = decode(v.hash, 'hex') AND p.embedded_at IS NULL`,
    values: [
      passages.map(({ id }) => id),
      passages.map(({ hash }) => hash),
      passages.map(({ vector }) => vectorToSql(vector)),
      EMBEDDING_MODEL,
    ],
  });
  return rowCount ?? 0;
}

/**
 * Writes vectors in the place of those of a former model, where the text is still the one that was embedded. A passage that
 * was too long for one vector loses the parts that it had.
 */
export async function replaceVectors(pool: Pool, passages: readonly EmbeddedPassage[]): Promise<void> {
  if (passages.length === 0) return;
  await pool.query({
    name: 'replace-passage-vectors',
    text: `
      WITH ${ASYNC_COMMIT}, replaced AS (
        UPDATE passages p SET embedding = v.vector::vector, embedding_model = $4, embedded_at = clock_timestamp()
          FROM async_commit, unnest($1::bigint[], $2::text[], $3::text[]) AS v(id, hash, vector)
         WHERE p.id = v.id AND p.content_hash = decode(v.hash, 'hex') AND ${isOutdated('$5')}
        RETURNING p.owner_kind, p.owner_id, p.start_offset, p.end_offset
      )
      DELETE FROM passages t USING replaced r
       WHERE t.owner_kind = r.owner_kind AND t.owner_id = r.owner_id AND t.tsv IS NULL
         AND t.start_offset >= r.start_offset AND t.end_offset <= r.end_offset`,
    values: [
      passages.map(({ id }) => id),
      passages.map(({ hash }) => hash),
      passages.map(({ vector }) => vectorToSql(vector)),
      EMBEDDING_MODEL,
      FORMER_MODELS,
    ],
  });
}

/**
 * Ends a long passage: it stays without a vector, and its parts become passages that have only one, in the place of parts that
 * it had before. All or nothing.
 */
export async function writeParts(pool: Pool, { id, hash, parts }: SplitPassage): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'write-passage-parts',
    text: `
      WITH ${ASYNC_COMMIT}, whole AS (
        UPDATE passages p SET embedding = NULL, embedding_model = $6, embedded_at = clock_timestamp() FROM async_commit
         WHERE p.id = $1::bigint AND p.content_hash = decode($2, 'hex') AND (p.embedded_at IS NULL OR ${isOutdated('$8')})
        RETURNING p.*
      ), former AS (
        -- Those at other offsets; the others are overwritten.
        DELETE FROM passages t USING whole w
         WHERE t.owner_kind = w.owner_kind AND t.owner_id = w.owner_id AND t.tsv IS NULL
           AND t.start_offset >= w.start_offset AND t.end_offset <= w.end_offset
           AND (t.start_offset - w.start_offset, t.end_offset - w.start_offset)
               NOT IN (SELECT * FROM unnest($3::integer[], $4::integer[]))
      )
      INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash,
                            embedding, embedding_model, embedded_at, created_at, expires_at)
      SELECT w.project_id, w.owner_kind, w.owner_id, w.start_offset + v.s, w.start_offset + v.e,
             decode(v.hash, 'hex'), v.vector::vector, $6, clock_timestamp(), w.created_at, w.expires_at
        FROM whole w, unnest($3::integer[], $4::integer[], $5::text[], $7::text[]) AS v(s, e, vector, hash)
      ON CONFLICT (owner_kind, owner_id, start_offset, end_offset) DO UPDATE
        SET embedding = excluded.embedding, embedding_model = excluded.embedding_model, embedded_at = excluded.embedded_at
        WHERE passages.tsv IS NULL`,
    values: [
      id,
      hash,
      parts.map(({ start }) => start),
      parts.map(({ end }) => end),
      parts.map(({ vector }) => vectorToSql(vector)),
      EMBEDDING_MODEL,
      parts.map(({ text }) => createHash('sha256').update(text).digest('hex')),
      FORMER_MODELS,
    ],
  });
  return rowCount ?? 0;
}

/** Ends passages that will never have a vector of today's model: what they have by a former one, they keep. */
export async function skipPassages(pool: Pool, passages: readonly { id: string; hash: string }[]): Promise<void> {
  if (passages.length === 0) return;
  await pool.query({
    name: 'skip-passages',
    text: `
      UPDATE passages p SET embedding_model = NULL, embedded_at = clock_timestamp()
        FROM unnest($1::bigint[], $2::text[]) AS v(id, hash)
       WHERE p.id = v.id AND p.content_hash = decode(v.hash, 'hex') AND (p.embedded_at IS NULL OR ${isOutdated('$3')})`,
    values: [passages.map(({ id }) => id), passages.map(({ hash }) => hash), FORMER_MODELS],
  });
}

/**
 * Merges the lexemes of new passages into their index: until then each search by words reads the list in which they wait.
 * The embedding worker calls it, so that neither a write nor a search has to do the work.
 * @throws the database's error
 */
export async function mergeLexemes(pool: Pool): Promise<void> {
  await pool.query(`SELECT gin_clean_pending_list('passages_tsv_gin')`);
}

/** Deletes a project's passages, some hundreds a statement, so that none meets its time-out. */
export async function deleteProjectPassages(pool: Pool, projectId: string): Promise<void> {
  let deleted: number | null;
  do {
    ({ rowCount: deleted } = await pool.query(
      'DELETE FROM passages WHERE id IN (SELECT id FROM passages WHERE project_id = $1 LIMIT 500)',
      [projectId],
    ));
  } while (deleted);
}
