import * as z from 'zod';
import { COST_KEYS } from '../../accountability/costs/cost-types.js';
import { GRADES, USAGE_CLIENTS, WITNESSES } from '../../accountability/usage.js';
import { wireTime } from './wire-time.js';

// Requests about costs and the timeline. In server mode the command line answers them itself (open-server-ledger.ts).

/** Rows of one answer: the command line asks again for more. */
const MAX_PAGE = 500;
/** Sessions of one audit. */
export const MAX_AUDITED_SESSIONS = 2_000;
const MAX_TEXT_CHARS = 4_096;

const pageSize = z.int().min(1).max(MAX_PAGE);
const entryId = z.string().regex(/^\d{1,18}$/);

/** Which requests are meant. */
const scope = {
  /** As people write times (parse-moment.ts). Inclusive. */
  since: z.string().max(MAX_TEXT_CHARS).optional(),
  /** Exclusive. */
  until: z.string().max(MAX_TEXT_CHARS).optional(),
  allProjects: z.boolean(),
  timezone: z.string().max(MAX_TEXT_CHARS),
};
export type CostScope = z.infer<z.ZodObject<typeof scope>>;

const dollars = z.string().nullable();
const total = z.object({
  requests: z.int(),
  tokens: z.object({
    input: z.int(),
    output: z.int(),
    reasoning: z.int(),
    cache_read: z.int(),
    cache_write_5m: z.int(),
    cache_write_1h: z.int(),
  }),
  cost_usd: dollars,
  unpriced: z.int(),
  grades: z.partialRecord(z.enum(GRADES), z.object({ requests: z.int(), cost_usd: dollars })),
});
const coverage = z.object({ sessions: z.int(), with_evidence: z.int(), reported_only: z.int(), missing: z.int() });

const costsAnswer = z.object({
  /** What `popstash costs --json` prints (src/accountability/costs/cost-json.ts). */
  report: z.object({
    currency: z.string(),
    timezone: z.string(),
    rows: z.array(total.extend({ key: z.string().nullable() })),
    total,
    coverage,
  }),
  /** What people call the keys: names of agents, texts of tasks, roots of projects. */
  labels: z.record(z.string(), z.string()),
  unpriced_models: z.array(z.object({ model: z.string().nullable(), requests: z.int() })),
  /** Of an empty report: where usage is known at all. */
  known: z.enum(['here', 'in-other-projects', 'nowhere']),
});

const request = {
  client: z.string(),
  client_session: z.string().nullable(),
  /** `request:…`, `message:…`: the ids by which its provider knows it. */
  keys: z.array(z.string()),
  at: wireTime,
};

const auditAnswer = z.object({
  timezone: z.string(),
  coverage,
  sessions: z.array(
    z.object({
      /** Null where only an agent of an unknown client reported. */
      client: z.string().nullable(),
      client_session: z.string().nullable(),
      project_id: z.string().nullable(),
      first_at: wireTime,
      last_at: wireTime,
      both: z.int(),
      telemetry_only: z.int(),
      transcript_only: z.int(),
      reported: z.int(),
      unfinished: z.int(),
    }),
  ),
  /** There are more sessions: the latest are listed. */
  has_more: z.boolean(),
});

const differencesAnswer = z.object({
  differences: z.array(
    z.object({
      ...request,
      fields: z.array(z.object({ name: z.string(), telemetry: z.string(), transcript: z.string() })),
    }),
  ),
  /** Where the next part begins; null at the end. */
  next: entryId.nullable(),
});

const unconfirmedAnswer = z.object({
  requests: z.array(z.object({ ...request, seen_by: z.enum(WITNESSES), cost_usd: dollars })),
  next: entryId.nullable(),
});

const activity = z.object({
  id: z.string(),
  at: wireTime,
  agentId: z.string().nullable(),
  agentName: z.string().nullable(),
  agentClient: z.string().nullable(),
  sessionId: z.string().nullable(),
  type: z.string(),
  subject: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  description: z.string(),
});

const activityFilter = {
  agentId: z.string().max(MAX_TEXT_CHARS).optional(),
  type: z.string().max(MAX_TEXT_CHARS).optional(),
  limit: z
    .int()
    .min(1)
    .max(MAX_PAGE * 20),
};

const auditPage = z.object({ ...scope, limit: pageSize, after: entryId.optional() });

/** Each request with the schemas of its message and of its answer. */
export const ledgerRequests = {
  costs: {
    request: z.object({ method: z.literal('popstash/costs'), params: z.object({ by: z.enum(COST_KEYS), ...scope }) }),
    answer: costsAnswer,
  },
  audit: {
    request: z.object({ method: z.literal('popstash/audit'), params: z.object(scope) }),
    answer: auditAnswer,
  },
  auditDifferences: {
    request: z.object({ method: z.literal('popstash/audit-differences'), params: auditPage }),
    answer: differencesAnswer,
  },
  auditUnconfirmed: {
    request: z.object({ method: z.literal('popstash/audit-unconfirmed'), params: auditPage }),
    answer: unconfirmedAnswer,
  },
  reprice: {
    request: z.object({
      method: z.literal('popstash/reprice'),
      params: z.object({
        /** Absolute. The file that is in use by default. */
        pricesFile: z.string().max(MAX_TEXT_CHARS).optional(),
        /** Also entries that were priced with today's prices. */
        all: z.boolean(),
      }),
    }),
    answer: z.object({ checked: z.int(), changed: z.int(), prices_file: z.string().nullable() }),
  },
  rollUp: {
    request: z.object({ method: z.literal('popstash/roll-up'), params: z.object({ rebuild: z.boolean() }) }),
    answer: z.object({ moved: z.int(), corrected: z.int().nullable() }),
  },
  scan: {
    request: z.object({
      method: z.literal('popstash/scan'),
      params: z.object({
        client: z.enum(USAGE_CLIENTS).optional(),
        /** Absolute. The user's own places by default. */
        folder: z.string().max(MAX_TEXT_CHARS).optional(),
      }),
    }),
    answer: z.object({
      files_found: z.int(),
      files_read: z.int(),
      files_busy: z.int(),
      files_not_read: z.int(),
      bytes_read: z.int(),
      new_requests: z.int(),
      changed_requests: z.int(),
      bad_rows: z.int(),
      long_lines: z.int(),
      /** The first files that could not be read. */
      not_read: z.array(z.object({ client: z.string(), path: z.string(), reason: z.string() })),
    }),
  },
  timeline: {
    request: z.object({
      method: z.literal('popstash/timeline'),
      params: z.object({
        ...activityFilter,
        since: z.string().max(MAX_TEXT_CHARS).optional(),
        cursor: z.string().max(MAX_TEXT_CHARS).optional(),
        timezone: z.string().max(MAX_TEXT_CHARS),
      }),
    }),
    answer: z.object({ activities: z.array(activity), nextCursor: z.string().nullable(), now: wireTime }),
  },
  timelineAfter: {
    request: z.object({
      method: z.literal('popstash/timeline-after'),
      params: z.object({ ...activityFilter, afterId: entryId }),
    }),
    answer: z.object({ activities: z.array(activity) }),
  },
} as const;

type LedgerRequests = typeof ledgerRequests;
export type LedgerRequestName = keyof LedgerRequests;
export type LedgerRequest<Name extends LedgerRequestName> = z.output<LedgerRequests[Name]['request']>;
export type LedgerAnswer<Name extends LedgerRequestName> = z.output<LedgerRequests[Name]['answer']>;
/** The parameters of a request, as a command gives them. */
export type LedgerParams<Name extends LedgerRequestName> = LedgerRequest<Name>['params'];
