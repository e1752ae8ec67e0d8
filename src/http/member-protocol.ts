import * as z from 'zod';
import { placedPattern } from '../mcp/schemas/placings.js';

/**
 * What processes on a member's machine tell the server of their team besides MCP: facts that only files and processes there can
 * tell. Both ends of one version; fields are only ever added, and unknown ones ignored.
 */

/** In `_meta` of `initialize`: who starts the agent, and where. */
export const MEMBER_META = 'popstash/member';

const MAX_PATH = 8_192;
const MAX_NAME = 1_000;
const path = z.string().max(MAX_PATH);
const name = z.string().max(MAX_NAME);

/** Where a process works, as the files of its machine tell. */
const place = z.object({
  id: name,
  root: path,
  worktree: path,
  folder: path,
  isKnown: z.boolean(),
  isNamed: z.boolean(),
  isRepository: z.boolean(),
  branch: name.nullable(),
});

/** Steps up to the client that a process shares with others, by the pids of these; null where processes can't be seen. */
const related = z.array(z.tuple([z.int(), z.int()])).nullable();

export const settleRequest = z.object({
  place,
  history: z.object({ rootCommits: z.array(name).max(64).nullable(), remote: path.nullable() }).nullable(),
  isRecorded: z.boolean(),
  host: name,
});

export const settleAnswer = z.object({ id: z.string() });

/** Its project is known: `settle` comes first. */
export const memberMeta = z.object({
  /** The same at every connection of one bridge: its agent keeps what it holds. */
  bridge: name,
  pid: z.int(),
  host: name,
  terminal: name.optional(),
  clientSession: z.object({ variable: name, id: name }).optional(),
  place,
  /** Of a command of the command line alone: as in `hookAsk`, to tell whether an agent runs it. */
  related: related.optional(),
});

const placedFile = z.object({
  pattern: placedPattern,
  absolute: path,
  fault: z.object({ problem: z.string(), fix: z.string() }).nullable(),
});

/** FileState of src/hooks/snapshots/file-states.ts; null for a file that is not there. */
const fileState = z
  .object({
    path,
    size: z.number(),
    inode: z.number(),
    mtimeMs: z.number(),
    ctimeMs: z.number(),
    hash: z.string().max(MAX_NAME).nullable(),
    isSettled: z.boolean(),
  })
  .nullable();
const fileStates = z.array(z.tuple([path, fileState]));

/** WatchOrder of src/hooks/policy/guard-types.ts, with the verdict on a command that is about to run. */
export const watchOrder = z.object({
  locks: z.array(
    z.object({
      id: name,
      key: path,
      pattern: path,
      isGlob: z.boolean(),
      origin: z.enum(['tool', 'hook']),
      isElsewhere: z.boolean(),
    }),
  ),
  isAll: z.boolean(),
});

export const hookAsk = z.object({
  /** A line of src/ipc/control-protocol.ts, which checks its shape. */
  request: z.string(),
  host: name,
  here: place,
  placed: z.array(z.tuple([path, z.array(placedFile).nullable()])),
  related,
  /** After an edit: its files, by absolute path. */
  written: fileStates.optional(),
  /** After a command: ComparedFiles of src/hooks/policy/watch-shell.ts. */
  compared: z
    .object({
      held: z.array(name),
      at: z.number(),
      changed: z.array(path),
      isKnown: z.boolean(),
      unsure: z.array(path),
      files: fileStates,
    })
    .optional(),
});

export type MemberPlaceFacts = z.infer<typeof place>;
export type SettleRequest = z.infer<typeof settleRequest>;
export type MemberMeta = z.infer<typeof memberMeta>;
export type HookAsk = z.infer<typeof hookAsk>;
