import * as z from 'zod';
import { MEMORY_KINDS } from '../../memory/memory-types.js';
import { wireTime as time } from './wire-time.js';

// Requests with which people search, read, edit and forget memories.

/** Hits of one search. */
export const MAX_FOUND = 50;
/** Of texts that the services check themselves: their own limits are narrower. */
const MAX_TEXT_CHARS = 1_000_000;

const kind = z.enum(MEMORY_KINDS);
const author = z.object({ id: z.string(), name: z.string() }).nullable();
const text = z.string().max(MAX_TEXT_CHARS);

/** Who asks: the user, and the process, whose ancestors tell whether an agent runs it. */
export const caller = { by: z.string().min(1).max(200), pid: z.int(), cwd: z.string() };
export type Caller = z.infer<z.ZodObject<typeof caller>>;

/** Where a memory was imported from. */
export const provenance = z.object({ source: z.string().min(1).max(100), key: z.string().min(1).max(4_096) });

/** One version of a memory. */
export const memoryRecord = z.object({
  kind,
  id: z.string(),
  version: z.int(),
  name: z.string().nullable(),
  text: z.string(),
  reasoning: z.string().nullable(),
  tags: z.array(z.string()),
  files: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  author,
  sessionId: z.string().nullable(),
  createdAt: time,
  expiresAt: time.nullable(),
  supersededBy: z.string().nullable(),
  supersededAt: time.nullable(),
  forgottenAt: time.nullable(),
  forgetReason: z.string().nullable(),
  provenance: provenance.nullable(),
});

/** How a memory differs from where it is read (src/memory/origins/origin-types.ts). */
const holds = z
  .object({
    notMerged: z.string().nullable(),
    otherWorktree: z.string().nullable(),
    changedFiles: z.array(z.string()),
    missingFiles: z.array(z.string()),
    unknown: z.array(z.enum(['branch', 'worktree', 'files'])),
  })
  .optional();

const searchAnswer = z.object({
  /** Best first. */
  hits: z.array(
    z.object({
      kind,
      id: z.string(),
      name: z.string().nullable(),
      text: z.string(),
      omittedChars: z.int(),
      score: z.number(),
      author: z.string().nullable(),
      createdAt: time,
      /** Id of a decision on the same matter that was made later. */
      laterDecision: z.string().nullable(),
      holds,
    }),
  ),
  degraded: z.array(z.string()),
  now: time.nullable(),
});

const showAnswer = z.object({
  record: memoryRecord,
  /** Where it was written. */
  origin: z.object({ worktree: z.string(), branch: z.string().nullable(), commit: z.string().nullable() }).nullable(),
  holds,
  versions: z.array(
    z.object({
      id: z.string(),
      version: z.int(),
      name: z.string().nullable(),
      excerpt: z.string(),
      author: z.string().nullable(),
      createdAt: time,
      state: z.enum(['live', 'superseded', 'forgotten', 'expired']),
    }),
  ),
  now: time,
});

/** Each request with the schemas of its message and of its answer. */
export const memoryRequests = {
  search: {
    request: z.object({
      method: z.literal('popstash/search'),
      params: z.object({ query: text, kinds: z.array(kind).min(1), limit: z.int().min(1).max(MAX_FOUND), ...caller }),
    }),
    answer: searchAnswer,
  },
  show: {
    request: z.object({
      method: z.literal('popstash/show'),
      params: z.object({ id: z.string().max(100), history: z.boolean() }),
    }),
    answer: showAnswer,
  },
  edit: {
    request: z.object({
      method: z.literal('popstash/edit'),
      params: z.object({
        /** The version that was read. */
        id: z.string().max(100),
        name: text.nullable(),
        text,
        reasoning: text.nullable(),
        tags: z.array(text).max(1_000),
        files: z.array(text).max(10_000),
        ...caller,
      }),
    }),
    /** `redacted`: secrets that were taken out, their kinds and places. */
    answer: z.object({
      id: z.string(),
      replacedId: z.string(),
      redacted: z.object({ kinds: z.array(z.string()), places: z.array(z.string()) }),
    }),
  },
  forget: {
    request: z.object({
      method: z.literal('popstash/forget'),
      params: z.object({ id: z.string().max(100), reason: text.nullable(), ...caller }),
    }),
    answer: z.object({ id: z.string(), kind, name: z.string(), restorableDays: z.int() }),
  },
} as const;

type MemoryRequests = typeof memoryRequests;
export type MemoryRequestName = keyof MemoryRequests;
export type MemoryRequest<Name extends MemoryRequestName> = z.output<MemoryRequests[Name]['request']>;
export type MemoryAnswer<Name extends MemoryRequestName> = z.output<MemoryRequests[Name]['answer']>;
