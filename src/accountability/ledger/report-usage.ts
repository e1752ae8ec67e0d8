import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import type { PriceBook } from '../prices/price-book.js';
import { type Evidence, NO_TOKENS, type TokenCounts } from '../usage.js';
import { createEntryRepository, indexKey } from './entry-repository.js';
import type { EntryRow } from './entry-row.js';
import { lockAllEntries, lockEntriesOf } from './ledger-locks.js';
import { type PriceColumns, priceEntry } from './price-entry.js';
import { reconcileReports } from './reconcile-reports.js';
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
  return await inTransaction(pool, async (client) => {
    const reporter = await findReporter(client, report);
    // Other evidence of the task is written under this lock too: only one of the two can be the first. Where no client is
    // known, it may come from any.
    if (report.taskId !== null && reporter.client !== null) await lockEntriesOf(client, reporter.client);
    else await lockAllEntries(client);
    const entries = createEntryRepository(client);
    const usageClient = reporter.client ?? '';
    const keys = [`report:${report.id}`];
    if ((await entries.findByKeys(usageClient, keys)).length === 0) {
      const [id = ''] = await entries.newIds(1);
      const row = { ...toRow(report, reporter, book), id, client: usageClient, keys };
      // It counts once it is reconciled: roll-ups never see it in between.
      await entries.insert([row], { session_id: report.taskId, agent_id: report.agentId, counts: false });
      await entries.point([row], []);
      if (report.isFinal && report.taskId !== null) await replaceEarlier(client, report.taskId, id);
      await reconcileReports(client, { taskIds: report.taskId ? [report.taskId] : [], agentIds: [report.agentId] });
    }
    const { rows } = await client.query<ReportOutcome>(
      `SELECT cost_usd, price_version, unpriced_reason, counts FROM usage_entries
       WHERE id = (SELECT entry_id FROM usage_keys WHERE client = $1 AND key = $2)`,
      [usageClient, indexKey(keys[0] ?? '')],
    );
    const [outcome] = rows;
    if (!outcome) throw new Error(`the report ${report.id} is not in the ledger after it was written`);
    return outcome;
  });
}

interface Reporter {
  client: string | null;
  clientSession: string | null;
  now: Date;
}

/** The client and its session: as the caller knows them, else as the task or the agent has them. */
async function findReporter(client: ClientBase, report: UsageReport): Promise<Reporter> {
  const { rows } = await client.query<Reporter>({
    name: 'usage_reporter',
    text: `SELECT coalesce(t.client, $3) AS client, coalesce($4, t.client_session, a.client_session) AS "clientSession", now() AS now
      FROM (SELECT 1) AS one LEFT JOIN sessions t ON t.id = $1 LEFT JOIN agents a ON a.id = $2`,
    values: [report.taskId, report.agentId, report.client, report.clientSession],
  });
  return rows[0] ?? { client: report.client, clientSession: report.clientSession, now: new Date() };
}

function toRow(
  report: UsageReport,
  { clientSession, now }: Reporter,
  book: PriceBook,
): Omit<EntryRow, 'id' | 'client' | 'keys'> {
  const evidence = toEvidence(report);
  const at = now.toISOString();
  return {
    tool_use_ids: [],
    witnesses: ['report'],
    ...evidenceColumns(evidence),
    ...priceEntry({ ...evidence, at }, true, book),
    client_session: clientSession,
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
}

async function replaceEarlier(client: ClientBase, taskId: string, id: string): Promise<void> {
  await client.query(
    `UPDATE usage_entries SET replaced_by = $1
     WHERE session_id = $2 AND grade = 'reported' AND replaced_by IS NULL AND id <> $1`,
    [id, taskId],
  );
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
