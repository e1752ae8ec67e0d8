import { maskPattern } from '../../text/mask-secrets.js';
import { contentOf, type FileState } from '../snapshots/file-states.js';
import type { OtherCommand } from './command-repository.js';
import type { FileWrite, HeldLock } from './guard-repository.js';

/** A path that changed while a command ran, and the lock of another agent on it. */
export interface ForeignChange {
  path: string;
  holder: HeldLock;
}

/** A change that the command may have made. */
export interface AttributedChange extends ForeignChange {
  /** Calls of other agents that may have made it as well. */
  others: OtherCommand[];
}

export interface Evidence {
  /** Id of the agent that ran the command. */
  writer: string | undefined;
  /** When the command began, by the database's clock. */
  startedAt: Date;
  /** After the command, by key. */
  files: ReadonlyMap<string, FileState | null>;
  /** What clients reported as their agents' edits since then. */
  writes: readonly FileWrite[];
  /** Calls of other agents that ran at the same time, at least in part. */
  commands: readonly OtherCommand[];
}

/**
 * Which of the changes the command may have made, and who else may have. One that another agent's editor reported, with
 * this very content, is that agent's and no longer in question. Everything else that ran meanwhile may have made a
 * change, unless it was compared itself and the path did not change while it ran.
 */
export function attributeChanges(changes: readonly ForeignChange[], evidence: Evidence): AttributedChange[] {
  return changes
    .filter(({ path }) => !isReported(path, evidence))
    .map((change) => ({ ...change, others: evidence.commands.filter((other) => mayHaveWritten(other, change)) }));
}

function isReported(path: string, { writes, writer, files }: Evidence): boolean {
  const content = contentOf(files.get(path));
  return writes.some((write) => write.path === maskPattern(path) && write.agentId !== writer && write.hash === content);
}

function mayHaveWritten(other: OtherCommand, { path, holder }: ForeignChange): boolean {
  if (other.isEdit) return other.changed?.includes(maskPattern(path)) ?? false;
  if (other.endedAt === null || other.survivors !== null || other.changed === null) return true;
  // A lock that was not there when the other command began was not compared.
  return other.changed.includes(maskPattern(path)) || holder.acquiredAt > other.startedAt;
}
