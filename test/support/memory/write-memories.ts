import type { Pool } from 'pg';

export interface MemoryToWrite {
  project?: string;
  kind?: 'stash' | 'insight' | 'decision';
  /** A stash's name, an insight's key, a decision's topic. */
  name?: string;
  text: string;
  /** Direction of its vector: the share along each axis, the rest along an axis that no query has. None: still to embed. */
  vector?: Record<number, number>;
  expiresAt?: string;
}

let serial = 0;

/** A memory as the domain writes it, straight into the tables, with the vector that a test wants. @returns its id */
export async function writeMemory(pool: Pool, memory: MemoryToWrite): Promise<string> {
  serial += 1;
  const kind = memory.kind ?? 'insight';
  const id = `${kind}_${serial}`;
  const project = memory.project ?? 'project';
  await pool.query('INSERT INTO projects (id, root) VALUES ($1, $1) ON CONFLICT DO NOTHING', [project]);
  const name = memory.name ?? (kind === 'insight' ? null : `name ${serial}`);
  if (kind === 'stash') {
    await pool.query(
      'INSERT INTO stashes (id, project_id, name, version, summary, expires_at) VALUES ($1, $2, $3, 1, $4, $5)',
      [id, project, name, memory.text, memory.expiresAt ?? null],
    );
  } else if (kind === 'insight') {
    await pool.query('INSERT INTO insights (id, project_id, key, version, content) VALUES ($1, $2, $3, 1, $4)', [
      id,
      project,
      name,
      memory.text,
    ]);
  } else {
    await pool.query('INSERT INTO decisions (id, project_id, topic, decision) VALUES ($1, $2, $3, $4)', [
      id,
      project,
      name,
      memory.text,
    ]);
  }
  await pool.query(
    `INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count,
       expires_at, embedding, embedded_at)
     SELECT $1, $2, $3, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count, $4, $5::vector,
       CASE WHEN $5::text IS NOT NULL THEN now() END
     FROM cut_passages(concat_ws(E'\\n', $6::text, $7::text)) c`,
    [
      project,
      kind,
      id,
      memory.expiresAt ?? null,
      memory.vector ? `[${unitVector(memory.vector).join(',')}]` : null,
      name,
      memory.text,
    ],
  );
  return id;
}

/** A unit vector with the given cosine to each axis; what is left to length 1 lies along the last axis. */
export function unitVector(shares: Record<number, number>): Float32Array {
  const vector = new Float32Array(384);
  let squares = 0;
  for (const [axis, share] of Object.entries(shares)) {
    vector[Number(axis)] = share;
    squares += share * share;
  }
  vector[383] = Math.sqrt(Math.max(0, 1 - squares));
  return vector;
}
