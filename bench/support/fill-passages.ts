import type { Pool } from 'pg';
import { createEmbedder } from '../../src/embedding/create-embedder.js';
import { DIMENSIONS, EMBEDDING_MODEL, type Embedder } from '../../src/embedding/embedding-types.js';
import { findModel } from '../../src/embedding/model-store.js';
import { createLogger } from '../../src/logger.js';

const ROWS = 1_000;

/** The model, as a worker runs it. */
export function openModel(): Embedder {
  return createEmbedder({ modelDir: findModel(), delayMs: 0, logger: createLogger('warn', 'bench') });
}

/** Real vectors of the texts. */
export async function embedAll(model: Embedder, texts: readonly string[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let at = 0; at < texts.length; at += 256)
    vectors.push(...(await model.embed(texts.slice(at, at + 256), 'passage')));
  return vectors;
}

/** Another vector near a real one: what a similar note would have. */
export function jitter(vector: Float32Array, seed: number): Float32Array {
  const near = new Float32Array(DIMENSIONS);
  let norm = 0;
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < DIMENSIONS; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    near[i] = (vector[i] ?? 0) + (state / 2 ** 32 - 0.5) * 0.06;
    norm += (near[i] ?? 0) ** 2;
  }
  return near.map((value) => value / Math.sqrt(norm));
}

/** Writes insights with lexemes and vectors into a project, as the front and a worker would have. */
export async function fillProject(
  pool: Pool,
  projectId: string,
  notes: readonly { id: string; text: string; vector: Float32Array }[],
): Promise<void> {
  await pool.query('INSERT INTO projects (id, root) VALUES ($1, $1) ON CONFLICT DO NOTHING', [projectId]);
  for (let at = 0; at < notes.length; at += ROWS) {
    const part = notes.slice(at, at + ROWS);
    await pool.query(
      `WITH given AS (
         SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS g(id, body, vector)
       ), written AS (
         INSERT INTO insights (id, project_id, version, content) SELECT id, $1, 1, body FROM given
       )
       INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count,
                             embedding, embedding_model, embedded_at)
       SELECT $1, 'insight', id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count, vector::vector, $5, now()
       FROM given, LATERAL cut_passages(body) c`,
      [
        projectId,
        part.map((note) => note.id),
        part.map((note) => note.text),
        part.map((note) => `[${note.vector.join(',')}]`),
        EMBEDDING_MODEL,
      ],
    );
  }
}

/** Rebuilds the vector index around a bulk load: row by row would take ten times as long. */
export async function loadWithoutIndex(pool: Pool, load: () => Promise<void>): Promise<void> {
  const { rows } = await pool.query<{ indexdef: string }>(
    "SELECT indexdef FROM pg_indexes WHERE indexname = 'passages_embedding_hnsw'",
  );
  await pool.query('DROP INDEX passages_embedding_hnsw');
  await load();
  await pool.query("SET maintenance_work_mem = '512MB'");
  await pool.query(rows[0]?.indexdef ?? '');
  await pool.query('VACUUM (ANALYZE) passages');
}
