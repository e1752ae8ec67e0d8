import type { Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import type { PriceBook } from '../prices/price-book.js';
import { type Evidence, NO_TOKENS, type TokenCounts } from '../usage.js';
import { createEntryRepository } from './entry-repository.js';
import { lockEntriesOf } from './ledger-locks.js';
import { type PriceColumns, priceEntry } from './price-entry.js';
import { settleReports } from './settle-reports.js';
import { evidenceColumns } from './stored-entry.js';

/** What an agent says that it used: the least evidence, which counts only where there is no other. */
export interface UsageReport {
  /** Names the call: the same id again is the same report. */
  id: string;
  projectId: string;
  agentId: string;
  /** The task that it was used for (`sess_…`); null outside tasks. */
  taskId: string | null;
  /** The client's name as in the ledger; null if it is none that can be read. */
  client: string | null;
  clientSession: string | null;
  model: string | null;
  tokens: Partial<TokenCounts>;
  /** Dollars, if the agent states them: a decimal. */
  costUsd: string | null;
  /** The figures of end_task: they replace what was reported of the task before. Else they are added to it. */
  isFinal: boolean;
}

export interface ReportOutcome extends PriceColumns {
  /** False while the task has other evidence. */
  counts: boolean;
}

/** Adds a report to the ledger. @throws the database's error */
export async function reportUsage(pool: Pool, book: PriceBook, report: UsageReport): Promise<ReportOutcome> {
  const key = `report:${report.id}`;
  const usageClient = report.client ?? '';
  return await inTransaction(pool, async (client) => {
    const { rows: tasks } = await client.query<{ client: string | null; now: Date }>(
      'SELECT now() AS now, (SELECT client FROM sessions WHERE id = $1) AS client',
      [report.taskId],
    );
    // Other evidence of the task is written under this lock too: only one of the two can be the first.
    await lockEntriesOf(client, tasks[0]?.client ?? usageClient);
    const entries = createEntryRepository(client);
    if ((await entries.findByKeys(usageClient, [key])).length === 0) {
      const [id = ''] = await entries.newIds(1);
      const evidence = toEvidence(report);
      const at = (tasks[0]?.now ?? new Date()).toISOString();
      const row = {
        id,
        client: usageClient,
        keys: [key],
        tool_use_ids: [],
        witnesses: ['report' as const],
        ...evidenceColumns(evidence),
        ...priceEntry({ ...evidence, at }, true, book),
        client_session: report.clientSession,
        subagent: null,
        parent_client_session: null,
        is_sidechain: false,
        session_born_at: null,
        occurred_at: at,
        client_version: null,
        cwd: null,
        branch: null,
        worktree: null,
        cwd_project_id: report.projectId,
        project_id: report.projectId,
      };
      // It counts once it is settled below: roll-ups never see it in between.
      await entries.insert([row], { session_id: report.taskId, agent_id: report.agentId, counts: false });
      await entries.point([row], []);
      if (report.isFinal && report.taskId !== null) {
        await client.query(
          `UPDATE usage_entries SET replaced_by = $1
           WHERE session_id = $2 AND grade = 'reported' AND replaced_by IS NULL AND id <> $1`,
          [id, report.taskId],
        );
      }
      await settleReports(client, { taskIds: report.taskId ? [report.taskId] : [], agentIds: [report.agentId] });
    }
    const { rows } = await client.query<ReportOutcome>(
      `SELECT cost_usd, price_version, unpriced_reason, counts FROM usage_entries
       WHERE id = (SELECT entry_id FROM usage_keys WHERE client = $1 AND key = $2)`,
      [usageClient, key],
    );
    const [outcome] = rows;
    if (!outcome) throw new Error(`the report ${report.id} is not in the ledger after it was written`);
    return outcome;
  });
}

function toEvidence({ model, tokens, costUsd }: UsageReport): Evidence {
  return {
    witness: 'report',
    grade: 'reported',
    isFinished: true,
    isSidechain: false,
    revision: 0,
    isCacheSplitKnown: false,
    model,
    provider: null,
    tokens: { ...NO_TOKENS, ...tokens },
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: costUsd,
  };
}
