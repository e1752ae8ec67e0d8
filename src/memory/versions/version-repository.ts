import type { Pool } from 'pg';
import type { MemoryKind } from '../memory-types.js';

/** One version of a memory, live or not. */
export interface MemoryVersion {
  kind: MemoryKind;
  id: string;
  version: number;
  /** A stash's name, an insight's key, a decision's topic. */
  label: string | null;
  content: string;
  /** Of a decision. */
  reasoning: string | null;
  tags: string[];
  files: string[];
  author: string | null;
  createdAt: Date;
  supersededBy: string | null;
  forgottenAt: Date | null;
  /** A stash whose time is up. */
  isExpired: boolean;
  now: Date;
}

export type VersionRepository = ReturnType<typeof createVersionRepository>;

/** For each kind its table and its columns, by the names of MemoryVersion. Lists as JSON, which the driver reads quicker. */
const KINDS: Record<MemoryKind, { table: string; columns: string }> = {
  stash: {
    table: 'stashes',
    columns: `m.name AS label, m.summary AS content, NULL::text AS reasoning, '[]'::json AS tags, to_json(m.files) AS files,
      coalesce(m.expires_at <= now(), false) AS "isExpired"`,
  },
  insight: {
    table: 'insights',
    columns: `m.key AS label, m.content, NULL::text AS reasoning, to_json(m.tags) AS tags, '[]'::json AS files,
      false AS "isExpired"`,
  },
  decision: {
    table: 'decisions',
    columns: `m.topic AS label, m.decision AS content, m.reasoning, '[]'::json AS tags, '[]'::json AS files,
      false AS "isExpired"`,
  },
};

function select(kind: MemoryKind): string {
  const { table, columns } = KINDS[kind];
  return `SELECT '${kind}' AS kind, m.id, m.version, ${columns}, a.name AS author, m.created_at AS "createdAt",
      m.superseded_by AS "supersededBy", m.forgotten_at AS "forgottenAt", now() AS now
    FROM ${table} m LEFT JOIN agents a ON a.id = m.created_by`;
}

/** Reads versions by their ids, whatever became of them. */
export function createVersionRepository(pool: Pool) {
  return {
    async find(projectId: string, kind: MemoryKind, id: string): Promise<MemoryVersion | null> {
      const { rows } = await pool.query<MemoryVersion>({
        name: `version_${kind}`,
        text: `${select(kind)} WHERE m.project_id = $1 AND m.id = $2`,
        values: [projectId, id],
      });
      return rows[0] ?? null;
    },
  };
}
