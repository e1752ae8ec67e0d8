import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import { indexKey } from './entry-repository.js';
import { lockEntriesOf } from './ledger-locks.js';
import { linkEntries } from './link-entries.js';
import { reconcileReports } from './reconcile-reports.js';

/** By what the requests of a task are found. What is left out stays as it was. */
export interface TaskIdentity {
  taskId: string;
  /** The client's name as in the ledger; without it nothing can be linked. */
  client?: string | null | undefined;
  clientSession?: string | null | undefined;
  /** The client's ids of the tool calls start_task and end_task. */
  startCallId?: string | null | undefined;
  endCallId?: string | null | undefined;
}

/**
 * Says by what the requests of a task are found, and links those that are known already. To be called when a task has
 * started and when it has ended, in any way. Idempotent.
 */
export async function identifyTask(pool: Pool, identity: TaskIdentity): Promise<void> {
  const call = (id: string | null | undefined) => (id == null ? null : indexKey(id));
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ client: string | null }>({
      name: 'usage_client_of_task',
      text: 'SELECT coalesce($2, client) AS client FROM sessions WHERE id = $1',
      values: [identity.taskId, identity.client ?? null],
    });
    const name = rows[0]?.client ?? null;
    // Before the task's row: a writer of entries takes both in this order.
    if (name !== null) await lockEntriesOf(client, name);
    await client.query({
      name: 'usage_identify_task',
      text: `UPDATE sessions SET client = $2,
          client_session = coalesce($3, client_session, (SELECT a.client_session FROM agents a WHERE a.id = agent_id)),
          start_call_id = coalesce($4, start_call_id), end_call_id = coalesce($5, end_call_id)
        WHERE id = $1`,
      values: [
        identity.taskId,
        name,
        identity.clientSession ?? null,
        call(identity.startCallId),
        call(identity.endCallId),
      ],
    });
    if (name !== null) await relink(client, { client: name, entryIds: [], taskIds: [identity.taskId] });
  });
}

/**
 * Links the requests of a client's session again, after an agent was found to serve it. Idempotent.
 * @param agentId that agent, once its row says so: its active tasks go on in this session, or began in it if they have none
 */
export async function linkClientSession(
  pool: Pool,
  usageClient: string,
  clientSession: string,
  agentId: string | null = null,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await lockEntriesOf(client, usageClient);
    const tasks = await client.query<{ id: string }>({
      name: 'usage_identify_tasks',
      text: `WITH active AS MATERIALIZED (
          SELECT id, client_session FROM sessions
          WHERE agent_id = $3 AND status = 'active' AND subagent IS NULL AND coalesce(client, $1) = $1
        ), first AS (
          UPDATE sessions SET client = $1, client_session = $2
          WHERE id IN (SELECT id FROM active WHERE client_session IS NULL) RETURNING id
        ), further AS (
          INSERT INTO task_client_sessions (client, client_session, session_id)
          SELECT $1, $2, id FROM active WHERE client_session <> $2 ON CONFLICT DO NOTHING RETURNING session_id AS id
        )
        SELECT id FROM first UNION ALL SELECT id FROM further`,
      values: [usageClient, clientSession, agentId],
    });
    const entries = await client.query<{ id: string }>({
      name: 'usage_entries_of_session',
      text: 'SELECT id::text FROM usage_entries WHERE client = $1 AND client_session = $2',
      values: [usageClient, clientSession],
    });
    const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
    if (tasks.rows.length + entries.rows.length === 0) return;
    await relink(client, { client: usageClient, entryIds: ids(entries.rows), taskIds: ids(tasks.rows) });
  });
}

async function relink(client: ClientBase, scope: Parameters<typeof linkEntries>[1]): Promise<void> {
  const touched = await linkEntries(client, scope);
  // A task that has lost or never had requests counts what was reported of it.
  await reconcileReports(client, { ...touched, taskIds: [...new Set([...touched.taskIds, ...scope.taskIds])] });
}
