import { LRUCache } from 'lru-cache';
import type { LiveLock } from '../../coordination/locks/lock-types.js';
import { patternMatches } from '../../globs/compare-patterns.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { quoted } from './describe-conflict.js';
import type { FileWrite } from './guard-repository.js';
import { type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { contentOf, type FileState, findChanges, type Snapshot } from './snapshot-files.js';

export interface ShellWatch {
  /** Before a command: remembers the state of held files. */
  before(context: HookContext): Promise<HookVerdict>;
  /** After a command: tells the holders and the writer what has changed. */
  after(context: HookContext): Promise<HookVerdict>;
}

interface Watching {
  locks: LiveLock[];
  snapshot: Snapshot;
}

interface Change {
  path: string;
  holder: LiveLock;
}

/** Commands that are watched at one time; beyond that, the oldest are forgotten. */
const MAX_WATCHED = 200;
/** Time for the holder's own report of a write to arrive, in ms. */
const REPORT_MS = 400;
const MAX_COMMAND = 160;
const SHOWN_FILES = 8;

/**
 * What a command writes is unknown beforehand. So held files are compared before and after it, and a change that its
 * holder did not report as its own is attributed to the command.
 */
export function createShellWatch(deps: GuardDeps): ShellWatch {
  const { snapshots } = deps;
  const watched = new LRUCache<string, Watching>({ max: MAX_WATCHED });

  /** The changes that no agent but this writer has reported as its own. */
  async function findForeign(context: HookContext, changes: Change[], files: Snapshot['files']): Promise<Change[]> {
    if (changes.length === 0) return [];
    const paths = changes.map(({ path }) => path);
    const writes = await deps.repository.findWrites(context.projectId, context.worktree, paths);
    const explained = (change: Change) => isReported(change, files.get(change.path), writes, context.agent?.id);
    const worktrees = await deps.repository.findWorktrees(changes.map(({ holder }) => holder.agentId));
    // Git brings this worktree to another commit: that does not collide with edits in the holder's worktree.
    const isGit = /(^|[\s;&|(])git\s/.test(context.request.command ?? '');
    const isElsewhere = ({ holder }: Change) =>
      isGit && (worktrees.get(holder.agentId) ?? context.worktree) !== context.worktree;
    return changes.filter((change) => !explained(change) && !isElsewhere(change));
  }

  return {
    async before(context) {
      const { locks: all } = await deps.locks.list(context.projectId);
      // The same path in another worktree is another file.
      const locks = all.filter(({ worktree }) => worktree === context.worktree);
      if (locks.length === 0) return PASS;
      watched.set(callKey(context), { locks, snapshot: await snapshots.read(context.worktree, locks) });
      return PASS;
    },

    async after(context) {
      const watching = watched.get(callKey(context));
      watched.delete(callKey(context));
      if (!watching) return PASS;
      const snapshot = await snapshots.read(context.worktree, watching.locks);
      const { files } = snapshot;
      const changed = findChanges(watching.snapshot, snapshot);
      if (changed.length === 0) return PASS;
      const { locks } = await deps.locks.list(context.projectId);
      const live = new Set(locks.map(({ id }) => id));
      const held = watching.locks.filter(({ id }) => live.has(id));
      const isOwn = (lock: LiveLock) => lock.agentId === context.agent?.id;
      await recordOwn(
        deps,
        context,
        changed.filter((path) => held.some((lock) => isOwn(lock) && patternMatches(lock, path))),
        files,
      );

      const others = held.filter((lock) => !isOwn(lock));
      let foreign = changed.flatMap((path): Change[] => {
        const holder = others.find((lock) => patternMatches(lock, path));
        return holder ? [{ path, holder }] : [];
      });
      foreign = await findForeign(context, foreign, files);
      if (foreign.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, REPORT_MS));
        foreign = await findForeign(context, foreign, files);
      }
      return foreign.length === 0 ? PASS : await report(deps, context, foreign);
    },
  };
}

function callKey({ request, agent }: HookContext): string {
  return JSON.stringify([agent?.id ?? request.session ?? '', request.call ?? request.command ?? '']);
}

/** Records what the agent's own command did to its own files, so that no other agent's command is blamed for it. */
async function recordOwn(
  { repository }: GuardDeps,
  context: HookContext,
  paths: string[],
  files: Snapshot['files'],
): Promise<void> {
  if (!context.actor) return;
  const writes = paths.map((path) => ({ path, hash: contentOf(files.get(path)) }));
  await repository.recordWrites(context.actor, context.worktree, writes);
}

function isReported(
  { path }: Change,
  state: FileState | null | undefined,
  writes: readonly FileWrite[],
  writer: string | undefined,
): boolean {
  return writes.some((write) => write.path === path && write.agentId !== writer && write.hash === contentOf(state));
}

async function report(
  { repository, redactor }: GuardDeps,
  context: HookContext,
  changes: Change[],
): Promise<HookVerdict> {
  const { agent, actor, projectId } = context;
  const { text } = await redactor.redact(context.request.command ?? '');
  const command = quoted(text).slice(0, MAX_COMMAND);
  const by = agent ? { by: agent.id, by_name: quoted(agent.name) } : { by: 'nobody' };
  const lines: string[] = [];
  for (const holderId of new Set(changes.map(({ holder }) => holder.agentId))) {
    const own = changes.filter(({ holder }) => holder.agentId === holderId);
    const paths = own.map(({ path }) => path);
    const holder = own[0]?.holder;
    const writer = { projectId, agentId: agent?.id ?? null, sessionId: actor?.sessionId ?? null };
    await repository.reportShellWrite(writer, holderId, { files: paths, command, ...by });
    const task = holder?.task ? `, task "${quoted(holder.task)}"` : '';
    lines.push(`${listed(paths)}: held by ${quoted(holder?.agentName ?? '')} (${holderId})${task}`);
  }
  return tell(
    `PopStash: files that another agent holds changed while your command ran:\n${lines.join('\n')}\n` +
      'The holder has been told. If your command did it, put them back as they were before it (not by a git checkout, ' +
      "which would also drop the holder's changes), or settle it with the holder or the user before you go on.",
  );
}

function listed(paths: readonly string[]): string {
  const more = paths.length - SHOWN_FILES;
  return `${paths.slice(0, SHOWN_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
