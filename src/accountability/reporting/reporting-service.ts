import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { type ClientCall, UNKNOWN_CALL } from '../../actor/client-call.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { AppError } from '../../errors.js';
import type { Metrics } from '../../telemetry/metric-types.js';
import { createInputCleaner, NOTHING_REDACTED, type Redactions } from '../../text/clean-input.js';
import type { Redactor } from '../../text/redact.js';
import type { CostSummary, CostsService } from '../costs/costs-service.js';
import { reportUsage } from '../ledger/report-usage.js';
import type { PriceBook } from '../prices/price-book.js';

/** What an agent says that it used since its last report. */
export interface UsageFigures {
  /** Without the cached ones. */
  tokensIn: number;
  tokensOut: number;
  cacheReadTokens?: number | undefined;
  cacheWriteTokens?: number | undefined;
  model?: string | undefined;
  /** US dollars. */
  costUsd?: number | undefined;
}

export interface ReportAnswer extends CostSummary {
  model: string | null;
  /** The report could be priced. */
  isPriced: boolean;
  redacted: Redactions;
}

/** Of one report, in US dollars: a larger figure is a mistake of unit. */
const MAX_COST = 1_000_000;

export interface ReportingDeps {
  pool: Pool;
  book: PriceBook;
  costs: CostsService;
  redactor: Redactor;
  metrics: Pick<Metrics, 'recordUsage'>;
  /** Changes wait for the roll-up. */
  onReported(): void;
}

export type ReportingService = ReturnType<typeof createReportingService>;

/** Takes what agents report of their own usage, and answers with what is known by now. */
export function createReportingService({ pool, book, costs, redactor, metrics, onReported }: ReportingDeps) {
  async function report(actor: Actor, figures: UsageFigures, { client, session }: ClientCall, isFinal: boolean) {
    if (figures.costUsd !== undefined && figures.costUsd > MAX_COST) throw tooExpensive();
    const clean = createInputCleaner(redactor);
    const model = figures.model === undefined ? null : await clean.label('model', figures.model);
    const outcome = await reportUsage(pool, book, {
      id: randomUUID(),
      projectId: actor.projectId,
      agentId: actor.agentId,
      taskId: actor.sessionId,
      client,
      clientSession: session,
      model,
      tokens: {
        input: figures.tokensIn,
        output: figures.tokensOut,
        cacheRead: figures.cacheReadTokens ?? 0,
        cacheWrite5m: figures.cacheWriteTokens ?? 0,
      },
      costUsd: figures.costUsd === undefined ? null : String(figures.costUsd),
      isFinal,
    });
    onReported();
    // Evidence of the task may have been there before: then the agent's word is not usage.
    if (outcome.counts) measureReport(figures, { model, client, cost: outcome.cost_usd });
    return { model, isPriced: outcome.cost_usd !== null, redacted: clean.redacted() };
  }

  function measureReport(
    { tokensIn, tokensOut, cacheReadTokens = 0, cacheWriteTokens = 0 }: UsageFigures,
    { model, client, cost }: { model: string | null; client: string | null; cost: string | null },
  ): void {
    metrics.recordUsage({
      tokens: { input: tokensIn, output: tokensOut, cache_read: cacheReadTokens, cache_write_5m: cacheWriteTokens },
      costUsd: cost === null ? null : Number(cost),
      model: model ?? 'unknown',
      client: client ?? 'unknown',
      grade: 'reported',
    });
  }

  return {
    /**
     * Adds a report of the actor's task, or of its connection outside tasks.
     * @param options of a call that came twice, an equal report of the last minutes is the same one
     * @throws AppError `invalid_argument` or `too_large` for the model or the cost
     */
    async report(
      actor: Actor,
      figures: UsageFigures,
      { resent = false, clientCall = UNKNOWN_CALL }: WriteOptions = {},
    ): Promise<ReportAnswer> {
      const known = resent ? await findRecentEqual(pool, actor, figures) : null;
      const reported = known
        ? { ...known, redacted: NOTHING_REDACTED }
        : await report(actor, figures, clientCall, false);
      return { ...reported, ...(await costs.summarize(actor)) };
    },

    /**
     * What a task that ends has cost: US dollars, null if that is not known. Its figures, if there are any, replace what
     * was reported of the task before.
     */
    async finishTask(
      actor: Actor & { sessionId: string },
      figures: UsageFigures | null,
      clientCall: ClientCall = UNKNOWN_CALL,
    ): Promise<number | null> {
      if (figures) await report(actor, figures, clientCall, true);
      const { costUsd } = await costs.total({ projectId: null, taskId: actor.sessionId });
      return costUsd === null ? null : Number(costUsd);
    },
  };
}

function tooExpensive(): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `cost_usd is more than ${MAX_COST} dollars.`,
    fix: 'Pass US dollars, or leave it out: the cost is then computed from tokens and model.',
  });
}

async function findRecentEqual(pool: Pool, actor: Actor, figures: UsageFigures) {
  const { rows } = await pool.query<{ model: string | null; isPriced: boolean }>(
    `SELECT model, cost_usd IS NOT NULL AS "isPriced" FROM usage_entries
     WHERE agent_id = $1 AND grade = 'reported' AND session_id IS NOT DISTINCT FROM $2 AND input_tokens = $3
       AND output_tokens = $4 AND cache_read_tokens = $5 AND cache_write_5m_tokens = $6
       AND occurred_at > now() - interval '10 minutes' LIMIT 1`,
    [
      actor.agentId,
      actor.sessionId,
      figures.tokensIn,
      figures.tokensOut,
      figures.cacheReadTokens ?? 0,
      figures.cacheWriteTokens ?? 0,
    ],
  );
  return rows[0] ?? null;
}
