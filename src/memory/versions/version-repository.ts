import type { Pool } from 'pg';
import { type AuthorFacts, SELECT_AUTHOR } from '../authors/author-facts.js';
import { countWrong } from '../feedback/marks-sql.js';
import type { MemoryKind } from '../memory-types.js';
import { selectOrigin } from '../origins/origin-repository.js';
import type { MemoryOrigin } from '../origins/origin-types.js';

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
  author: AuthorFacts | null;
  createdAt: Date;
  supersededBy: string | null;
  forgottenAt: Date | null;
  /** A stash whose time is up. */
  isExpired: boolean;
  /** Sessions that marked it wrong. */
  wrongSessions: number;
  /** Where it was written, as far as that was noted. */
  origin: MemoryOrigin | null;
  now: Date;
}

export type VersionRepository = ReturnType<typeof createVersionRepository>;

/** A version among the others of its memory. */
export interface VersionLine {
  id: string;
  version: number;
  author: AuthorFacts | null;
  createdAt: Date;
  isForgotten: boolean;
}

/** Versions of one history; the newest are listed. */
const MAX_VERSIONS = 100;

/** For each kind its table and its columns, by the names of MemoryVersion. Lists as JSON, which the driver reads quicker. */
const KINDS: Record<MemoryKind, { table: string; name: string | null; columns: string }> = {
  stash: {
    table: 'stashes',
    name: 'name',
    columns: `m.name AS label, m.summary AS content, NULL::text AS reasoning, '[]'::json AS tags, to_json(m.files) AS files,
      coalesce(m.expires_at <= now(), false) AS "isExpired"`,
  },
  insight: {
    table: 'insights',
    name: 'key',
    columns: `m.key AS label, m.content, NULL::text AS reasoning, to_json(m.tags) AS tags, '[]'::json AS files,
      false AS "isExpired"`,
  },
  decision: {
    table: 'decisions',
    // A topic is no name: several decisions may be on one.
    name: null,
    columns: `m.topic AS label, m.decision AS content, m.reasoning, '[]'::json AS tags, '[]'::json AS files,
      false AS "isExpired"`,
  },
};

/** Decisions before and behind those found so far. */
const CHAIN = `SELECT m.id, m.superseded_by FROM decisions m JOIN versions v ON m.superseded_by = v.id OR m.id = v.superseded_by
            WHERE m.project_id = $1`;

function select(kind: MemoryKind): string {
  const { table, columns } = KINDS[kind];
  return `SELECT '${kind}' AS kind, m.id, m.version, ${columns}, ${SELECT_AUTHOR}, m.created_at AS "createdAt",
      m.superseded_by AS "supersededBy", m.forgotten_at AS "forgottenAt", now() AS now,
      ${countWrong('m.id')} AS "wrongSessions", ${selectOrigin('m.id')}
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

    /** All versions of the memory of an id, newest first: those of its name, or those that superseded each other. */
    async list(projectId: string, kind: MemoryKind, id: string): Promise<VersionLine[]> {
      const { table, name } = KINDS[kind];
      const sameName = name
        ? `fold_name(m.${name}) = (SELECT fold_name(${name}) FROM ${table} WHERE id = $2)`
        : 'false';
      const { rows } = await pool.query<VersionLine>({
        name: `version_list_${kind}`,
        text: `WITH RECURSIVE versions AS (
            (SELECT m.id, m.superseded_by FROM ${table} m WHERE m.project_id = $1 AND m.id = $2
             UNION SELECT m.id, m.superseded_by FROM ${table} m WHERE m.project_id = $1 AND ${sameName})
            UNION
            ${name ? `SELECT id, superseded_by FROM versions WHERE false` : CHAIN}
          )
          SELECT m.id, m.version, ${SELECT_AUTHOR}, m.created_at AS "createdAt", m.forgotten_at IS NOT NULL AS "isForgotten"
          FROM versions v JOIN ${table} m ON m.id = v.id LEFT JOIN agents a ON a.id = m.created_by
          ORDER BY m.version DESC, m.created_at DESC LIMIT ${MAX_VERSIONS}`,
        values: [projectId, id],
      });
      return rows;
    },
  };
}
