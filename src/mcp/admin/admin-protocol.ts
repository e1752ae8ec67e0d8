import * as z from 'zod';
import { ERROR_CODES } from '../../errors.js';
import { MEMORY_KINDS } from '../../memory/memory-types.js';
import { MAX_LISTED } from '../../reports/report-types.js';
import { ledgerRequests } from './ledger-protocol.js';
import { memoryRequests } from './memory-protocol.js';
import { projectRequests } from './project-protocol.js';
import { transferRequests } from './transfer-protocol.js';
import { wireTime as time } from './wire-time.js';

// What people ask through the command line, over the same connection as agents: in embedded mode only the local server
// may open the data. The requests are outside MCP's own methods, so that no agent is offered them as tools. Both ends
// use these schemas: the server encodes an answer with them, the command line decodes it.

const lockMode = z.enum(['exclusive', 'shared']);

/** What texts name an agent by (AgentFacts in src/text/word-agent.ts). */
const agentFacts = z.object({
  id: z.string(),
  name: z.string(),
  client: z.string().nullable(),
  /** Of a team's agent. */
  person: z.string().nullish(),
  host: z.string().nullable(),
  pid: z.int().nullable(),
  worktree: z.string().nullable(),
  branch: z.string().nullable(),
  terminal: z.string().nullable(),
  isMain: z.boolean(),
  task: z.string().nullable(),
  prompt: z.string().nullable(),
});

const heldLock = z.object({
  id: z.string(),
  /** Relative to the worktree. */
  pattern: z.string(),
  /** Absolute path, and the branch that is checked out there, where it can be read. */
  worktree: z.string(),
  branch: z.string().nullable(),
  key: z.string(),
  isGlob: z.boolean(),
  mode: lockMode,
  token: z.int(),
  origin: z.enum(['tool', 'hook']),
  acquiredAt: time,
  expiresAt: time,
  agentId: z.string(),
  agentName: z.string(),
  holder: agentFacts,
  sessionId: z.string().nullable(),
  task: z.string().nullable(),
  lastActive: time,
});

const waitingRequest = z.object({
  id: z.string(),
  patterns: z.array(z.string()),
  mode: lockMode,
  agentId: z.string(),
  agentName: z.string(),
  holder: agentFacts,
  sessionId: z.string().nullable(),
  task: z.string().nullable(),
  /** Owners (sessions, or agents without one) of what it waits for. */
  waitsFor: z.array(z.string()),
  queuedAt: time,
});

const locksAnswer = z.object({ locks: z.array(heldLock), waits: z.array(waitingRequest), now: time });

const statusAnswer = z.object({
  status: z.object({
    project: z.string(),
    agents: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        task: z.string().nullable(),
        agent: agentFacts,
        lastSeen: time,
        isGuarded: z.boolean(),
      }),
    ),
    stashes: z.int(),
    insights: z.int(),
    decisions: z.int(),
    pending: z.int(),
    /** An older server does not say. */
    outdated: z.object({ left: z.int(), all: z.int() }).nullish(),
    now: time,
  }),
  ...locksAnswer.shape,
  active: z.array(
    z.object({
      agentId: z.string(),
      name: z.string(),
      agent: agentFacts,
      worktree: z.string().nullable(),
      sessionId: z.string().nullable(),
      task: z.string().nullable(),
      files: z.array(z.string()),
      startedAt: time,
      lastActive: time,
    }),
  ),
  idle: z.array(z.object({ agentId: z.string(), name: z.string(), agent: agentFacts, lastActive: time })),
  mode: z.enum(['embedded', 'server']),
  version: z.string(),
  /** Parts that are known to be unavailable now. */
  degraded: z.array(z.string()),
});

const held = z.object({ pattern: z.string(), agentId: z.string(), holder: agentFacts });

const releaseAnswer = z.object({
  released: z.array(held),
  /** Arguments within which nothing is held, each with the held patterns that only overlap with it. */
  notHeld: z.array(z.object({ pattern: z.string(), overlapping: z.array(held) })),
});

const listAnswer = z.object({
  /** Newest first. */
  memories: z.array(
    z.object({
      kind: z.enum(MEMORY_KINDS),
      id: z.string(),
      /** A stash's name, an insight's key, a decision's topic. */
      name: z.string().nullable(),
      excerpt: z.string(),
      author: z.object({ id: z.string(), name: z.string() }).nullable(),
      createdAt: time,
    }),
  ),
  now: time,
});

const metrics = z.object({
  'hit@1': z.number(),
  'hit@5': z.number(),
  'R@5': z.number(),
  'MRR@10': z.number(),
  'nDCG@10': z.number(),
});

/** Of the pairs that agents marked. */
const ownEvaluation = z.object({
  queries: z.int(),
  useful: z.int(),
  wrong: z.int(),
  legs: z.object({ lexical: metrics, vector: metrics, hybrid: metrics }),
  wrongFirst: z.number().nullable(),
  each: z.array(z.object({ query: z.string(), 'nDCG@10': z.number() })),
});

/** Each request with the schemas of its message and of its answer. */
export const adminRequests = {
  status: { request: z.object({ method: z.literal('popstash/status') }), answer: statusAnswer },
  locks: { request: z.object({ method: z.literal('popstash/locks') }), answer: locksAnswer },
  releaseLocks: {
    request: z.object({
      method: z.literal('popstash/release-locks'),
      params: z.object({
        patterns: z.array(z.string()).min(1),
        reason: z.string(),
        by: z.string(),
        /** Of the asking process, and its folder: its ancestors tell whether an agent runs it. */
        pid: z.int().optional(),
        cwd: z.string().optional(),
      }),
    }),
    answer: releaseAnswer,
  },
  restore: {
    request: z.object({ method: z.literal('popstash/restore'), params: z.object({ id: z.string() }) }),
    answer: z.object({
      restored: z.string(),
      /** Of a replaced version: the id and version under which it answers now. */
      as: z.object({ id: z.string(), version: z.int() }).optional(),
    }),
  },
  list: {
    request: z.object({
      method: z.literal('popstash/list'),
      params: z.object({
        kind: z.enum(MEMORY_KINDS).nullable(),
        /** As people write times (parse-moment.ts), in this time zone. */
        since: z.object({ text: z.string().max(100), timezone: z.string().max(100) }).nullable(),
        /** Name or id of an agent. */
        author: z.string().max(1_000).nullable(),
        limit: z.int().min(1).max(MAX_LISTED),
      }),
    }),
    answer: listAnswer,
  },
  backup: {
    /** Of the embedded store, into an absolute folder that is not there yet. */
    request: z.object({ method: z.literal('popstash/backup'), params: z.object({ folder: z.string().min(1) }) }),
    answer: z.object({ bytes: z.int() }),
  },
  checkStore: {
    request: z.object({ method: z.literal('popstash/check-store') }),
    answer: z.object({
      tables: z.int(),
      rows: z.number(),
      bytes: z.number(),
      backups: z.int(),
      newestBackup: time.nullable(),
    }),
  },
  evaluateOwn: {
    request: z.object({ method: z.literal('popstash/evaluate-own') }),
    answer: ownEvaluation,
  },
  ...ledgerRequests,
  ...memoryRequests,
  ...transferRequests,
  ...projectRequests,
} as const;

type AdminRequests = typeof adminRequests;
export type AdminRequestName = keyof AdminRequests;
/** The message of a request. */
export type AdminRequest<Name extends AdminRequestName> = z.output<AdminRequests[Name]['request']>;
/** The answer to a request: the server has it before it is encoded, the command line after it is decoded. */
export type AdminAnswer<Name extends AdminRequestName> = z.output<AdminRequests[Name]['answer']>;

/** What goes over the wire: an encoded answer, or an AppError's facts, since a JSON-RPC error would lose the fix. */
export const adminReply = z.looseObject({
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), fix: z.string() }).optional(),
});
