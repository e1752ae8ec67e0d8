import * as z from 'zod';
import { MEMORY_KINDS } from '../../memory/memory-types.js';
import { caller, memoryRecord, provenance } from './memory-protocol.js';
import { wireTime } from './wire-time.js';

// Requests with which memories leave a project and come in from elsewhere.

/** Records of one request of an import. */
export const MAX_IMPORTED = 200;

const kind = z.enum(MEMORY_KINDS);
/** Texts and lists are checked where they are cleaned: a record that breaks a rule is refused alone. */
const sentTime = z.iso.datetime().nullable();
const importId = z.string().max(100);

const importRecord = z.object({
  kind,
  provenance,
  id: z.string().max(100).nullable(),
  name: z.string().nullable(),
  text: z.string(),
  reasoning: z.string().nullable(),
  tags: z.array(z.string()),
  files: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  author: z.object({ id: z.string().max(100).nullable(), name: z.string() }).nullable(),
  sessionId: z.string().max(200).nullable(),
  version: z.int().min(1).max(1_000_000).nullable(),
  createdAt: sentTime,
  expiresAt: sentTime,
  supersededBy: z.string().max(100).nullable(),
  supersededAt: sentTime,
  supersedes: z.array(z.string().max(100)),
});

const outcome = z.object({
  outcome: z.enum(['new', 'updated', 'duplicate', 'changed_here', 'refused']),
  id: z.string().nullable(),
  renamed: z.string().nullable(),
  redacted: z.array(z.string()),
  reason: z.string().nullable(),
});

const position = z.object({ kind, at: z.iso.datetime(), id: z.string().max(100) }).nullable();

/** Each request with the schemas of its message and of its answer. */
export const transferRequests = {
  beginImport: {
    request: z.object({
      method: z.literal('popstash/begin-import'),
      params: z.object({ source: z.string().min(1).max(100), origin: z.string().max(4_096), ...caller }),
    }),
    answer: z.object({ id: z.string() }),
  },
  importRecords: {
    request: z.object({
      method: z.literal('popstash/import-records'),
      /** Without an import nothing is written: the outcomes say what would be. */
      params: z.object({ importId: importId.nullable(), records: z.array(importRecord).min(1).max(MAX_IMPORTED) }),
    }),
    /** One outcome a record, in their order. */
    answer: z.object({ outcomes: z.array(outcome) }),
  },
  finishImport: {
    request: z.object({ method: z.literal('popstash/finish-import'), params: z.object({ importId, ...caller }) }),
    answer: z.object({ written: z.int() }),
  },
  listImports: {
    request: z.object({ method: z.literal('popstash/list-imports') }),
    answer: z.object({
      imports: z.array(
        z.object({
          id: z.string(),
          source: z.string(),
          origin: z.string(),
          importedBy: z.string(),
          createdAt: wireTime,
          undoneAt: wireTime.nullable(),
          memories: z.int(),
        }),
      ),
    }),
  },
  undoImport: {
    request: z.object({
      method: z.literal('popstash/undo-import'),
      /** The latest one by default. */
      params: z.object({ importId: importId.nullable(), ...caller }),
    }),
    answer: z.object({ id: z.string(), removed: z.int(), revived: z.int(), kept: z.int() }),
  },
  exportPage: {
    request: z.object({
      method: z.literal('popstash/export-page'),
      params: z.object({ after: position, history: z.boolean() }),
    }),
    answer: z.object({
      records: z.array(memoryRecord),
      /** Of the next page; null at the end. */
      next: position,
      /** Memories of the whole export, with the first page. */
      count: z.int().nullable(),
      project: z.object({ id: z.string(), root: z.string() }),
    }),
  },
} as const;

type TransferRequests = typeof transferRequests;
export type TransferRequestName = keyof TransferRequests;
export type TransferRequest<Name extends TransferRequestName> = z.output<TransferRequests[Name]['request']>;
export type TransferAnswer<Name extends TransferRequestName> = z.output<TransferRequests[Name]['answer']>;
