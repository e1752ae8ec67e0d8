import type { Actor } from '../../actor/actor.js';
import type { FoundLocks } from '../../coordination/locks/locks-service.js';
import { maskPlaced } from '../../coordination/locks/parse-patterns.js';
import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { AppError } from '../../errors.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { maskPattern } from '../../text/mask-secrets.js';
import { contentOf } from '../snapshots/file-states.js';
import { AGENT_ADVICE, describeConflicts } from './describe-conflict.js';
import { describeWarnings } from './describe-warning.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { locateFiles } from './locate-file.js';

/** Before an edit: refused when another agent holds the file, else the file is claimed for this agent. */
export async function guardEdit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const files = await locateAll(context);
  if (files.length === 0) return PASS;
  const patterns = await maskPlaced(files.map(({ pattern }) => pattern));
  const actor = await openSubagent(deps, context);
  const claimed = actor && (await claim(deps, actor, files));
  const found = claimed ?? (await deps.locks.findConflicts(context.agent?.id ?? '', patterns));
  const { conflicts, now } = found;
  if (conflicts.length > 0) {
    return deny(`PopStash: ${describeConflicts(conflicts, now, found.conflictCount)}\n${AGENT_ADVICE}`);
  }
  const who = context.agent?.id ?? context.request.session ?? '';
  const warnings = found.warnings.filter(({ requested, agentId }) => deps.isNews(`${who} ${agentId} ${requested}`));
  return warnings.length > 0 ? tell(`PopStash: ${describeWarnings(warnings)}`) : PASS;
}

/** An edit is about to write: a change of its files is not another agent's alone. Nobody waits for this. */
export function beginEdit({ watch }: GuardDeps, context: HookContext): void {
  const { event, action } = context.request;
  if (event !== 'pre-tool-use' || action !== 'edit' || !context.actor) return;
  const begin = async (): Promise<void> => {
    const here = (await locateAll(context)).filter(({ pattern }) => pattern.worktree === context.worktree);
    if (here.length === 0) return;
    const keys = here.map(({ pattern }) => maskPattern(pattern.key));
    await watch.begin(context, keys);
  };
  begin().catch(() => undefined);
}

/** After an edit: records what it wrote, so that no other agent is taken for its writer. */
export async function recordEdit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { repository, snapshots } = deps;
  if (!context.actor) return PASS;
  for (const { pattern, absolute } of await locateAll(context)) {
    await repository.recordWrites({ ...context.actor, projectId: pattern.board }, pattern.worktree, [
      { path: maskPattern(pattern.key), hash: contentOf(await snapshots.readOne(absolute)) },
    ]);
  }
  await deps.watch.end(context, null);
  return PASS;
}

async function locateAll(context: HookContext): Promise<PlacedFile[]> {
  return (await locateFiles(context.request.files ?? [], context)).flat();
}

/** @returns null when the agent was declared gone meanwhile: it holds nothing and can claim nothing */
async function claim({ locks }: GuardDeps, actor: Actor, files: PlacedFile[]): Promise<FoundLocks | null> {
  try {
    const patterns = files.map(({ pattern }) => pattern);
    return await locks.acquire(actor, { patterns, mode: 'exclusive', waitSeconds: 0, origin: 'hook' });
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_ready') return null;
    throw error;
  }
}

/** A subagent works in a session of its own, so that two of them exclude each other. */
export async function openSubagent(
  { sessions }: GuardDeps,
  { actor, agent, request }: HookContext,
): Promise<Actor | null> {
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
