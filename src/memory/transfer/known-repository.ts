import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import { foldName } from '../../text/fold-name.js';
import { ID_PREFIXES } from '../memory-ids.js';
import { MEMORY_KINDS, type MemoryKind } from '../memory-types.js';
import { RECORD_COLUMNS } from '../records/record-sql.js';
import {
  deriveMemoryId,
  type ImportedState,
  type Known,
  nameKey,
  sourceKey,
  textKey,
  versionKey,
} from './plan-import.js';
import type { ImportRecord } from './transfer-types.js';

export type KnownRepository = ReturnType<typeof createKnownRepository>;

/** What the store knows of records that are about to be imported. */
export function createKnownRepository(pool: Pool) {
  return {
    async findKnown(projectId: string, records: readonly ImportRecord[]): Promise<Known> {
      const parts = await Promise.all([
        findProjects(pool, projectId, records),
        findImported(pool, projectId, records),
        ...MEMORY_KINDS.map((kind) =>
          findAlike(
            pool,
            projectId,
            kind,
            records.filter((record) => record.kind === kind),
          ),
        ),
      ]);
      const [projects, imported, ...alike] = parts;
      return {
        projectId,
        projects,
        imported,
        equal: new Map(alike.flatMap(({ equal }) => equal)),
        live: new Map(alike.flatMap(({ live }) => live)),
        versions: new Map(alike.flatMap(({ versions }) => versions)),
      };
    },
  };
}

async function findProjects(
  pool: Pool,
  projectId: string,
  records: readonly ImportRecord[],
): Promise<Map<string, string>> {
  const ids = records.flatMap(({ kind, id, supersededBy, supersedes }) =>
    [id, supersededBy, ...supersedes].flatMap((each) =>
      each === null ? [] : [each, deriveMemoryId(kind, projectId, each)],
    ),
  );
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<{ id: string; project: string }>(
    MEMORY_KINDS.map(
      (kind) => `SELECT id, project_id AS project FROM ${RECORD_COLUMNS[kind].table} WHERE id = ANY($1)`,
    ).join(' UNION ALL '),
    [ids],
  );
  return new Map(rows.map(({ id, project }) => [id, project]));
}

async function findImported(
  pool: Pool,
  projectId: string,
  records: readonly ImportRecord[],
): Promise<Map<string, ImportedState>> {
  const { rows } = await pool.query<ImportedState & { source: string; key: string }>(
    `SELECT i.source, i.source_key AS key, i.memory_id AS id, encode(i.content_hash, 'hex') AS hash,
       coalesce(m.version, 1) AS version, coalesce(m.live, false) AS "isLive"
     FROM imported_memories i JOIN imports ON imports.id = i.import_id LEFT JOIN LATERAL (
       ${MEMORY_KINDS.map(
         (kind) =>
           `SELECT version, ${isLive()} AS live FROM ${RECORD_COLUMNS[kind].table}
            WHERE i.memory_id LIKE '${ID_PREFIXES[kind].replace('_', '\\_')}%' AND id = i.memory_id`,
       ).join(' UNION ALL ')}
     ) m ON true
     WHERE i.project_id = $1 AND (i.source, i.source_key) IN (SELECT * FROM unnest($2::text[], $3::text[]))
     ORDER BY "isLive", imports.created_at`,
    [projectId, records.map(({ provenance }) => provenance.source), records.map(({ provenance }) => provenance.key)],
  );
  // The last of a key wins: the live one, else the newest.
  return new Map(rows.map(({ source, key, ...state }) => [sourceKey(source, key), state]));
}

interface Alike {
  equal: [string, string][];
  live: [string, string][];
  versions: [string, Set<number>][];
}

/** A name as it is compared, without the number that namesakes get. */
function withoutNumber(name: string): string {
  return foldName(name).replace(/ \(\d+\)$/, '');
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Live memories of the same text or name, and the versions of these names. */
async function findAlike(
  pool: Pool,
  projectId: string,
  kind: MemoryKind,
  records: readonly ImportRecord[],
): Promise<Alike> {
  if (records.length === 0) return { equal: [], live: [], versions: [] };
  const { table, name, text } = RECORD_COLUMNS[kind];
  const live = `m.project_id = $1 AND ${isLive('m.')}${kind === 'stash' ? ` AND ${isUnexpired('m.')}` : ''}`;
  const foreign = records.filter(({ id }) => id === null);
  const names = records.flatMap(({ name: each }) => (each === null ? [] : [each]));
  const [equal, named] = await Promise.all([
    foreign.length === 0
      ? []
      : pool
          .query<{ id: string; name: string | null; text: string }>(
            `SELECT m.id, ${name} AS name, ${text} AS text FROM ${table} m
             WHERE ${live} AND md5(${text}) = ANY($2)
               AND ${text} = ANY($3)`,
            [projectId, foreign.map((record) => md5(record.text)), foreign.map((record) => record.text)],
          )
          .then(({ rows }) => rows),
    kind === 'decision' || names.length === 0
      ? []
      : pool
          .query<{ id: string; name: string; version: number; live: boolean }>(
            `SELECT m.id, ${name} AS name, m.version, ${isLive('m.')} AS live FROM ${table} m
             WHERE m.project_id = $1 AND regexp_replace(fold_name(${name}), ' \\(\\d+\\)$', '') = ANY($2)`,
            [projectId, [...new Set(names.map(withoutNumber))]],
          )
          .then(({ rows }) => rows),
  ]);
  const versions = new Map<string, Set<number>>();
  for (const row of named) {
    const key = versionKey(kind, row.name);
    versions.set(key, (versions.get(key) ?? new Set()).add(row.version));
  }
  return {
    equal: equal.map((row) => [textKey(kind, row.name, row.text), row.id]),
    live: named.filter((row) => row.live).map((row) => [nameKey(kind, row.name), row.id]),
    versions: [...versions],
  };
}
