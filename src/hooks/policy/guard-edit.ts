import type { Actor } from '../../actor/actor.js';
import type { LockConflict } from '../../coordination/locks/lock-types.js';
import { AppError } from '../../errors.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { adviseAgent, describeConflicts } from './describe-conflict.js';
import { deny, type GuardDeps, PASS, type Scene } from './guard-types.js';
import { type LocatedFile, locateFile } from './locate-file.js';
import { contentOf } from './snapshot-files.js';

/** Before an edit: refused when another agent holds the file, else it is the agent's own from now on. */
export async function guardEdit(deps: GuardDeps, scene: Scene): Promise<HookVerdict> {
  const files = locateAll(scene);
  if (files.length === 0) return PASS;
  const patterns = files.map(({ pattern }) => pattern);
  const actor = await openSubagent(deps, scene);
  const claimed = actor && (await claim(deps, actor, files));
  const { conflicts, now } = claimed ?? (await deps.locks.findConflicts(nobodyIn(scene), patterns));
  if (conflicts.length === 0) return PASS;
  return deny(`PopStash: ${describeConflicts(conflicts, now)}\n${adviseAgent(conflicts)}`);
}

/** After an edit: what it wrote, so that nobody else is taken for its writer. */
export async function recordEdit({ repository, snapshots }: GuardDeps, scene: Scene): Promise<HookVerdict> {
  if (!scene.actor) return PASS;
  for (const { pattern, absolute, worktree } of locateAll(scene)) {
    await repository.recordWrites(scene.actor, worktree, [
      { path: pattern.key, hash: contentOf(await snapshots.readOne(absolute)) },
    ]);
  }
  return PASS;
}

function locateAll({ request, worktree }: Scene): LocatedFile[] {
  return (request.files ?? []).flatMap((path) => locateFile(path, request.cwd, worktree));
}

/** Null when the agent was declared gone meanwhile: it holds nothing and can claim nothing. */
async function claim(
  { locks }: GuardDeps,
  actor: Actor,
  files: LocatedFile[],
): Promise<{ conflicts: LockConflict[]; now: Date } | null> {
  try {
    const patterns = files.map(({ pattern }) => pattern);
    return await locks.acquire(actor, { patterns, mode: 'exclusive', waitSeconds: 0, origin: 'hook' });
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_ready') return null;
    throw error;
  }
}

/** A subagent works in a session of its own, so that two of them don't meet in a file unseen. */
async function openSubagent({ sessions }: GuardDeps, { actor, agent, request }: Scene): Promise<Actor | null> {
  if (!actor || !agent || !request.subagent || isSubagentOpen(agent.sessions, actor, request.subagent.id)) return actor;
  const { id, kind } = request.subagent;
  const sessionId = await sessions.openSubagent(actor, {
    parentId: actor.sessionId,
    subagent: id,
    task: `subagent ${kind}`,
  });
  return { ...actor, sessionId };
}

function isSubagentOpen(open: { id: string; subagent: string | null }[], actor: Actor, subagent: string): boolean {
  return open.some((session) => session.subagent === subagent && session.id === actor.sessionId);
}

function nobodyIn({ projectId, agent }: Scene): { projectId: string; agentId: string } {
  return { projectId, agentId: agent?.id ?? '' };
}
