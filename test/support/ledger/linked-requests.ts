import type { Pool } from 'pg';
import { expect } from 'vitest';
import type { UsageRecord } from '../../../src/accountability/usage.js';
import { findDrift } from './ledger-sums.js';
import { type RecordChange, usageRecord } from './usage-records.js';

/** A moment of the day on which everything happens. */
export const at = (time: string) => `2026-11-20T${time}.000Z`;

/** A request of session S by its name and time. */
export const request = (id: string, time: string, change: RecordChange = {}): UsageRecord =>
  usageRecord({ requestId: id, at: at(time), sessionId: 'S', tokens: { output: 1 }, ...change });

/** `request: task how`, and the agent of a request without a task; the roll-ups are checked besides. */
export async function readLinks(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ key: string; task: string | null; agent: string | null; how: string | null }>(
    `SELECT keys[1] AS key, session_id AS task, agent_id AS agent, linked_by AS how FROM usage_entries ORDER BY 1`,
  );
  expect(await findDrift(pool)).toEqual([]);
  return Object.fromEntries(
    rows.map(({ key, task, agent, how }) => [
      key.replace('request:', ''),
      [task ?? '-', how ?? '-', ...(task === null && agent !== null ? [agent] : [])].join(' '),
    ]),
  );
}
