import type { ClientBase } from 'pg';
import type { Touched } from './link-entries.js';

const RECONCILE = (scope: string, evidence: string) => `UPDATE usage_entries r SET counts = NOT r.counts
  WHERE r.grade = 'reported' AND ${scope}
    AND r.counts <> (r.replaced_by IS NULL AND NOT EXISTS (
      SELECT 1 FROM usage_entries e WHERE ${evidence} AND e.grade <> 'reported'))`;

/**
 * Decides which reports count: those of a task, or of an agent outside its tasks, of which there is no other evidence, and
 * that no end_task has replaced. The caller holds the ledger's lock of the client, so that no evidence arrives meanwhile.
 */
export async function reconcileReports(client: ClientBase, { taskIds, agentIds }: Touched): Promise<void> {
  if (taskIds.length > 0) {
    await client.query({
      name: 'usage_settle_tasks',
      text: RECONCILE('r.session_id = ANY ($1)', 'e.session_id = r.session_id'),
      values: [taskIds],
    });
  }
  if (agentIds.length > 0) {
    await client.query({
      name: 'usage_settle_agents',
      text: RECONCILE(
        'r.session_id IS NULL AND r.agent_id = ANY ($1)',
        'e.agent_id = r.agent_id AND e.session_id IS NULL',
      ),
      values: [agentIds],
    });
  }
}
