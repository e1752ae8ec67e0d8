import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { FENCE } from '../../db/planner-hints.js';
import type { EntryRow, WitnessRow } from './entry-row.js';
import { STORED_ENTRY, type StoredEntry } from './stored-entry.js';

/** Columns that a write sets. Links and counts are others' (link-entries.ts, reconcile-reports.ts). */
const COLUMNS = [
  'client',
  'keys',
  'tool_use_ids',
  'client_session',
  'subagent',
  'parent_client_session',
  'is_sidechain',
  'session_born_at',
  'occurred_at',
  'client_version',
  'cwd',
  'worktree',
  'branch',
  'cwd_project_id',
  'witnesses',
  'grade',
  'is_finished',
  'is_replay',
  'revision',
  'is_cache_split_known',
  'model',
  'provider',
  'input_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'iterations',
  'web_searches',
  'service_tier',
  'speed',
  'inference_geo',
  'client_cost',
  'cost_usd',
  'price_version',
  'unpriced_reason',
].join(', ');

/** Longer keys stand in the index of keys as a hash: a row of an index has 2.7 kB at most. */
const MAX_KEY_CHARS = 400;

/** As usage_keys holds it. */
export function indexKey(key: string): string {
  if (key.length <= MAX_KEY_CHARS) return key;
  return `sha256:${createHash('sha256').update(key).digest('base64url')}`;
}

/** Statements on usage_entries and what hangs on it, within the caller's transaction. */
export function createEntryRepository(client: ClientBase) {
  return {
    /** Entries that any of these keys of a client names. */
    async findByKeys(usageClient: string, keys: readonly string[]): Promise<StoredEntry[]> {
      const { rows } = await client.query<{ entry: StoredEntry }>({
        name: 'usage_find_entries',
        text: `SELECT ${STORED_ENTRY} AS entry FROM usage_entries e WHERE e.id = ANY (ARRAY(
            SELECT k.entry_id FROM unnest($2::text[]) AS g (key), LATERAL (
              SELECT entry_id FROM usage_keys WHERE client = $1 AND key = g.key ${FENCE}) AS k))`,
        values: [usageClient, keys.map(indexKey)],
      });
      return rows.map(({ entry }) => entry);
    },

    async newIds(count: number): Promise<string[]> {
      if (count === 0) return [];
      const { rows } = await client.query<{ id: string }>({
        name: 'usage_new_ids',
        text: `SELECT nextval('usage_entries_id_seq')::text AS id FROM generate_series(1, $1::integer)`,
        values: [count],
      });
      return rows.map(({ id }) => id);
    },

    /** Makes projects known by their roots, so that people can read what an id stands for. */
    async addProjects(roots: ReadonlyMap<string, string>): Promise<void> {
      if (roots.size === 0) return;
      // In one order: two writers that both make them known never wait for each other.
      const ids = [...roots.keys()].sort();
      await client.query({
        name: 'usage_add_projects',
        text: `INSERT INTO projects (id, root) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (id) DO NOTHING`,
        values: [ids, ids.map((id) => roots.get(id))],
      });
    },

    /** Writes new entries. @param more values of further columns, the same for all of them */
    async insert(entries: readonly EntryRow[], more: Record<string, unknown> = {}): Promise<void> {
      if (entries.length === 0) return;
      const columns = ['id', COLUMNS, 'project_id', ...Object.keys(more)].join(', ');
      const rows = Object.keys(more).length === 0 ? entries : entries.map((entry) => ({ ...entry, ...more }));
      await client.query({
        text: `INSERT INTO usage_entries (${columns})
          SELECT ${columns} FROM json_populate_recordset(NULL::usage_entries, $1::json)`,
        values: [JSON.stringify(rows)],
      });
    },

    /** Replaces what is known of entries; their links are made again by the caller. */
    async update(entries: readonly EntryRow[]): Promise<void> {
      if (entries.length === 0) return;
      await client.query(
        `UPDATE usage_entries e SET updated_at = now(),
           (${COLUMNS}) = ROW(${COLUMNS.split(', ')
             .map((column) => `n.${column}`)
             .join(', ')})
         FROM json_populate_recordset(NULL::usage_entries, $1::json) AS n WHERE e.id = n.id`,
        [JSON.stringify(entries)],
      );
    },

    /**
     * Deletes entries that were merged into others, after their keys were pointed there.
     * @returns the tasks that they were linked to
     */
    async remove(ids: readonly string[]): Promise<string[]> {
      if (ids.length === 0) return [];
      const { rows } = await client.query<{ task: string | null }>(
        'DELETE FROM usage_entries WHERE id = ANY ($1::bigint[]) RETURNING session_id AS task',
        [ids],
      );
      return rows.flatMap(({ task }) => task ?? []);
    },

    /**
     * Makes keys and tool calls lead to their entries. A key leads to one entry only, so it is moved.
     * @param removed entries that are about to be removed
     */
    async point(
      entries: readonly Pick<EntryRow, 'id' | 'client' | 'keys' | 'tool_use_ids'>[],
      removed: readonly string[],
    ): Promise<void> {
      if (entries.length === 0) return;
      const keys = entries.flatMap(({ id, client, keys }) =>
        keys.map((key) => ({ client, key: indexKey(key), entry_id: id })),
      );
      const calls = entries.flatMap(({ id, client, tool_use_ids }) =>
        tool_use_ids.map((call_id) => ({ client, call_id: indexKey(call_id), entry_id: id })),
      );
      await client.query({
        name: 'usage_point',
        text: `WITH keys AS (
            INSERT INTO usage_keys (client, key, entry_id)
            SELECT client, key, entry_id FROM json_populate_recordset(NULL::usage_keys, $1::json)
            ON CONFLICT (client, key) DO UPDATE SET entry_id = excluded.entry_id
          ), calls AS MATERIALIZED (
            SELECT client, call_id, entry_id FROM json_populate_recordset(NULL::usage_calls, $2::json)
          ), moved AS (
            DELETE FROM usage_calls c USING calls g
            WHERE cardinality($3::bigint[]) > 0 AND c.client = g.client AND c.call_id = g.call_id
              AND c.entry_id = ANY ($3::bigint[])
          )
          INSERT INTO usage_calls (client, call_id, entry_id)
          SELECT DISTINCT client, call_id, entry_id FROM calls
          ON CONFLICT (client, call_id, entry_id) DO NOTHING`,
        values: [JSON.stringify(keys), JSON.stringify(calls), removed],
      });
    },

    /** Replaces what the witnesses of these entries said. */
    async replaceWitnesses(entryIds: readonly string[], witnesses: readonly WitnessRow[]): Promise<void> {
      if (witnesses.length === 0 && entryIds.length === 0) return;
      await client.query({
        name: 'usage_witnesses',
        text: `WITH gone AS (
            DELETE FROM usage_witnesses WHERE entry_id = ANY ($1::bigint[])
              AND (entry_id, witness) NOT IN (SELECT entry_id, witness FROM json_populate_recordset(NULL::usage_witnesses, $2::json))
          )
          INSERT INTO usage_witnesses (entry_id, witness, evidence)
          SELECT entry_id, witness, evidence FROM json_populate_recordset(NULL::usage_witnesses, $2::json)
          ON CONFLICT (entry_id, witness) DO UPDATE SET evidence = excluded.evidence`,
        values: [entryIds, JSON.stringify(witnesses)],
      });
    },
  };
}

export type EntryRepository = ReturnType<typeof createEntryRepository>;
