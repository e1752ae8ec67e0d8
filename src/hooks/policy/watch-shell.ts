import type { LiveLock } from '../../coordination/locks/lock-types.js';
import { patternMatches } from '../../globs/compare-patterns.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { quoted } from './describe-conflict.js';
import type { FileWrite } from './guard-repository.js';
import { type GuardDeps, PASS, type Scene, tell } from './guard-types.js';
import { contentOf, type FileState, findChanges, type Snapshot } from './snapshot-files.js';

export interface ShellWatch {
  /** Before a command: remembers the state of files that are held. */
  before(scene: Scene): Promise<HookVerdict>;
  /** After it: tells holders and the writer what has changed. */
  after(scene: Scene): Promise<HookVerdict>;
}

interface Watching {
  locks: LiveLock[];
  files: Snapshot;
}

interface Change {
  path: string;
  holder: LiveLock;
}

/** Commands that are watched at one time; of those that never end, the oldest are forgotten. */
const MAX_WATCHED = 200;
/** The holder's own report of a write may be on its way for so long, in ms. */
const REPORT_MS = 400;
const MAX_COMMAND = 160;
const SHOWN_FILES = 8;

/**
 * No one can tell beforehand what a command writes. So what is held is compared before and after it, and a change that
 * its holder did not report as its own is laid to the command.
 */
export function createShellWatch(deps: GuardDeps): ShellWatch {
  const { snapshots } = deps;
  const watched = new Map<string, Watching>();

  /** What changed in files of others, without what its holder, or anyone but this writer, has reported. */
  async function findForeign(scene: Scene, changes: Change[], files: Snapshot): Promise<Change[]> {
    if (changes.length === 0) return [];
    const paths = changes.map(({ path }) => path);
    const writes = await deps.repository.findWrites(scene.projectId, scene.worktree, paths);
    const explained = (change: Change) => isReported(change, files.get(change.path), writes, scene.agent?.id);
    const worktrees = await deps.repository.findWorktrees(changes.map(({ holder }) => holder.agentId));
    // Git brings another worktree to another commit: no collision with what is edited over there.
    const isGit = /(^|[\s;&|(])git\s/.test(scene.request.command ?? '');
    const isElsewhere = ({ holder }: Change) =>
      isGit && (worktrees.get(holder.agentId) ?? scene.worktree) !== scene.worktree;
    return changes.filter((change) => !explained(change) && !isElsewhere(change));
  }

  return {
    async before(scene) {
      const { locks } = await deps.locks.list(scene.projectId);
      if (locks.length === 0) return PASS;
      const [oldest] = watched.keys();
      if (watched.size >= MAX_WATCHED && oldest !== undefined) watched.delete(oldest);
      watched.set(callKey(scene), { locks, files: await snapshots.read(scene.worktree, locks) });
      return PASS;
    },

    async after(scene) {
      const watching = watched.get(callKey(scene));
      watched.delete(callKey(scene));
      if (!watching) return PASS;
      const files = await snapshots.read(scene.worktree, watching.locks);
      const changed = findChanges(watching.files, files);
      if (changed.length === 0) return PASS;
      const { locks } = await deps.locks.list(scene.projectId);
      const live = new Set(locks.map(({ id }) => id));
      const held = watching.locks.filter(({ id }) => live.has(id));
      const isOwn = (lock: LiveLock) => lock.agentId === scene.agent?.id;
      await recordOwn(
        deps,
        scene,
        changed.filter((path) => held.some((lock) => isOwn(lock) && patternMatches(lock, path))),
        files,
      );

      const others = held.filter((lock) => !isOwn(lock));
      let foreign = changed.flatMap((path): Change[] => {
        const holder = others.find((lock) => patternMatches(lock, path));
        return holder ? [{ path, holder }] : [];
      });
      foreign = await findForeign(scene, foreign, files);
      if (foreign.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, REPORT_MS));
        foreign = await findForeign(scene, foreign, files);
      }
      return foreign.length === 0 ? PASS : await report(deps, scene, foreign);
    },
  };
}

function callKey({ request, agent }: Scene): string {
  return JSON.stringify([agent?.id ?? request.session ?? '', request.call ?? request.command ?? '']);
}

/** What the agent's own command did to its own files, so that it is not laid to a command that another one ran. */
async function recordOwn({ repository }: GuardDeps, scene: Scene, paths: string[], files: Snapshot): Promise<void> {
  if (!scene.actor) return;
  const writes = paths.map((path) => ({ path, hash: contentOf(files.get(path)) }));
  await repository.recordWrites(scene.actor, scene.worktree, writes);
}

function isReported(
  { path }: Change,
  state: FileState | undefined,
  writes: readonly FileWrite[],
  writer: string | undefined,
): boolean {
  return writes.some((write) => write.path === path && write.agentId !== writer && write.hash === contentOf(state));
}

async function report({ repository, redactor }: GuardDeps, scene: Scene, changes: Change[]): Promise<HookVerdict> {
  const { agent, actor, projectId } = scene;
  const { text } = await redactor.redact(scene.request.command ?? '');
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
