import { coverageJson, reportJson } from '../../accountability/costs/cost-json.js';
import type { CostFilter } from '../../accountability/costs/cost-types.js';
import type { CostsService } from '../../accountability/costs/costs-service.js';
import type { TranscriptReader } from '../../accountability/reader/reader-types.js';
import type { TimelineService } from '../../accountability/timeline/timeline-service.js';
import type { LedgerUpkeep } from '../../accountability/upkeep/ledger-upkeep.js';
import { AppError } from '../../errors.js';
import { answerScan } from './answer-scan.js';
import { atIntervals } from './at-intervals.js';
import {
  type CostScope,
  type LedgerAnswer,
  type LedgerRequest,
  type LedgerRequestName,
  MAX_AUDITED_SESSIONS,
} from './ledger-protocol.js';

/** What answering takes. */
export interface LedgerServices {
  costs: CostsService;
  timeline: TimelineService;
  upkeep: LedgerUpkeep;
  transcripts: TranscriptReader;
}

export interface LedgerAnswering {
  services: LedgerServices;
  project: { id: string };
  /** Ends long work at its next step. */
  signal: AbortSignal;
  /** How far long work is: a line for people, and the share that is done. */
  onProgress(message: string, done: number, total: number): void;
}

/** How each request about costs and the timeline is answered. */
export const ledgerAnswers: {
  [Name in LedgerRequestName]: (context: LedgerAnswering, request: LedgerRequest<Name>) => Promise<LedgerAnswer<Name>>;
} = {
  async costs({ services: { costs }, project }, { params }) {
    const { by, timezone } = params;
    const filter = await readScope(costs, project, params);
    const report = await costs.report({ by, timezone, ...filter });
    const keys = report.rows.map(({ key }) => key);
    return {
      report: reportJson(report),
      labels: await costs.labels(by, keys),
      unpriced_models: report.total.unpriced > 0 ? await listUnpriced(costs, filter) : [],
      known: report.total.requests > 0 ? 'here' : await findUsage(costs, project),
    };
  },

  async audit({ services: { costs, upkeep }, project }, { params }) {
    const filter = await readScope(costs, project, params);
    const { coverage, timezone } = await costs.report({ by: 'client', timezone: params.timezone, ...filter });
    const sessions = await upkeep.auditSessions(filter, MAX_AUDITED_SESSIONS + 1);
    return {
      timezone,
      coverage: coverageJson(coverage),
      sessions: sessions.slice(0, MAX_AUDITED_SESSIONS).map((session) => ({
        client: session.client || null,
        client_session: session.clientSession,
        project_id: session.projectId,
        first_at: session.firstAt,
        last_at: session.lastAt,
        both: session.both,
        telemetry_only: session.telemetryOnly,
        transcript_only: session.transcriptOnly,
        reported: session.reported,
        unfinished: session.unfinished,
      })),
      has_more: sessions.length > MAX_AUDITED_SESSIONS,
    };
  },

  async auditDifferences({ services: { costs, upkeep }, project }, { params: { limit, after, ...scope } }) {
    const found = await upkeep.auditDifferences(await readScope(costs, project, scope), { limit, after });
    const differences = found.map((each) => ({ ...nameRequest(each), fields: each.fields }));
    return { differences, next: found.length === limit ? (found.at(-1)?.entryId ?? null) : null };
  },

  async auditUnconfirmed({ services: { costs, upkeep }, project }, { params: { limit, after, ...scope } }) {
    const found = await upkeep.auditUnconfirmed(await readScope(costs, project, scope), { limit, after });
    const requests = found.map((each) => ({ ...nameRequest(each), seen_by: each.seenBy, cost_usd: each.costUsd }));
    return { requests, next: found.length === limit ? (found.at(-1)?.entryId ?? null) : null };
  },

  async reprice({ services: { upkeep }, signal, onProgress }, { params: { pricesFile, all } }) {
    const outcome = await upkeep.reprice(pricesFile, {
      all,
      signal,
      onProgress: atIntervals(({ checked, changed }) =>
        onProgress(`${checked} requests checked, ${changed} repriced`, checked, 0),
      ),
    });
    return { checked: outcome.checked, changed: outcome.changed, prices_file: outcome.pricesFile };
  },

  async rollUp({ services: { upkeep }, signal }, { params: { rebuild } }) {
    const moved = await upkeep.rollUp(signal);
    return { moved, corrected: rebuild ? await upkeep.rebuildRollups() : null };
  },

  scan: ({ services: { transcripts, upkeep }, signal, onProgress }, { params }) =>
    answerScan({ transcripts, rollUp: upkeep.rollUp, signal, onProgress }, params),

  async timeline({ services: { timeline }, project }, { params }) {
    return await timeline.list({ projectId: project.id, ...params });
  },

  async timelineAfter({ services: { timeline }, project }, { params: { afterId, ...filter } }) {
    return { activities: await timeline.listAfter({ projectId: project.id, ...filter }, afterId) };
  },
};

async function readScope(
  costs: CostsService,
  project: { id: string },
  { since, until, allProjects, timezone }: CostScope,
): Promise<CostFilter> {
  const at = async (text: string | undefined) =>
    text === undefined ? undefined : await costs.resolveTime(text, timezone);
  const filter = { projectId: allProjects ? null : project.id, since: await at(since), until: await at(until) };
  if (filter.since && filter.until && filter.since >= filter.until) {
    throw new AppError({
      code: 'invalid_argument',
      message: `Nothing lies between --since ${since} and --until ${until}.`,
      fix: '--since is the first moment that counts, --until the first one that no longer does.',
    });
  }
  return filter;
}

/** Models without a known price, the most used first. */
async function listUnpriced(costs: CostsService, filter: CostFilter) {
  const { rows } = await costs.report({ by: 'model', ...filter });
  return rows
    .filter(({ unpriced }) => unpriced > 0)
    .map(({ key, unpriced }) => ({ model: key, requests: unpriced }))
    .sort((a, b) => b.requests - a.requests);
}

/** Where there is usage, at any time. */
async function findUsage(costs: CostsService, { id }: { id: string }): Promise<LedgerAnswer<'costs'>['known']> {
  if ((await costs.total({ projectId: id })).requests > 0) return 'here';
  return (await costs.total({ projectId: null })).requests > 0 ? 'in-other-projects' : 'nowhere';
}

function nameRequest({
  client,
  clientSession,
  keys,
  at,
}: {
  client: string;
  clientSession: string | null;
  keys: string[];
  at: Date;
}) {
  return { client, client_session: clientSession, keys, at };
}
