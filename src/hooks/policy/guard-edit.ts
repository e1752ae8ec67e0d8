import type { Actor } from '../../actor/actor.js';
import type { LockConflict, PlacedPattern } from '../../coordination/locks/lock-types.js';
import type { FoundLocks } from '../../coordination/locks/locks-service.js';
import { maskPlaced } from '../../coordination/locks/parse-patterns.js';
import type { PlacedFile } from '../../coordination/locks/place-file.js';
import { AppError } from '../../errors.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { maskPattern } from '../../text/mask-secrets.js';
import { introduceOthers } from '../../text/quote-text.js';
import { contentOf } from '../snapshots/file-states.js';
import { AGENT_ADVICE, describeConflicts } from './conflicts/describe-conflict.js';
import { describeWarnings } from './conflicts/describe-warning.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { type LocatedFiles, locateFiles } from './locate-file.js';

/**
 * Before an edit: refused when another agent holds a file of it, else the files are claimed for this agent. A file with a
 * name that no lock can have may still be within what another one holds: it is compared, and not claimed.
 */
export async function guardEdit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { files, unchecked } = await locateAll(context);
  const [lockable, others] = [files.filter(isLockable), files.filter((file) => !isLockable(file))];
  const patterns = await maskPlaced(lockable.map(({ pattern }) => pattern));
  const verdict = await decide(deps, context, patterns, others);
  return unchecked === undefined ? verdict : { ...verdict, unchecked };
}

async function decide(
  deps: GuardDeps,
  context: HookContext,
  patterns: readonly PlacedPattern[],
  others: readonly PlacedFile[],
): Promise<HookVerdict> {
  const compared = others.map(({ pattern }) => maskShown(pattern));
  if (patterns.length + compared.length === 0) return PASS;
  const agentId = context.agent?.id ?? '';
  if (compared.length > 0) {
    const { conflicts, now } = await deps.locks.findConflicts(agentId, compared);
    if (conflicts.length > 0) return refuse(conflicts, now);
    if (patterns.length === 0) return PASS;
  }
  const actor = await openSubagent(deps, context);
  const claimed = actor && (await claim(deps, actor, patterns));
  const found = claimed ?? (await deps.locks.findConflicts(agentId, patterns));
  const { conflicts, now } = found;
  if (conflicts.length > 0) return refuse(conflicts, now, found.conflictCount);
  const who = context.agent?.id ?? context.request.session ?? '';
  const warnings = found.warnings.filter((other) => deps.isNews(`${who} ${other.agentId} ${other.requested}`));
  return warnings.length > 0 ? tell(`PopStash: ${describeWarnings(warnings)}`) : PASS;
}

function refuse(conflicts: readonly LockConflict[], now: Date, count?: number): HookVerdict {
  return deny(introduceOthers(`PopStash: ${describeConflicts(conflicts, now, count)}\n${AGENT_ADVICE}`));
}

/** An edit is about to write: a change of its files is not another agent's alone. Nobody waits for this. */
export function beginEdit({ watch }: GuardDeps, context: HookContext): void {
  const { event, action } = context.request;
  if (event !== 'pre-tool-use' || action !== 'edit' || !context.actor) return;
  const begin = async (): Promise<void> => {
    const files = (await locateAll(context)).files.filter(isLockable);
    const here = files.filter(({ pattern }) => pattern.worktree === context.worktree);
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
  for (const { pattern, absolute } of (await locateAll(context)).files.filter(isLockable)) {
    await repository.recordWrites({ ...context.actor, projectId: pattern.board }, pattern.worktree, [
      { path: maskPattern(pattern.key), hash: contentOf(await snapshots.readOne(absolute)) },
    ]);
  }
  await deps.watch.end(context, null);
  return PASS;
}

function locateAll(context: HookContext): Promise<LocatedFiles> {
  return locateFiles(context.request.files ?? [], context);
}

/** Of a file that is compared alone: its key stays, which nothing stores or shows. */
function maskShown(placed: PlacedPattern): PlacedPattern {
  return { ...placed, pattern: maskPattern(placed.pattern), shown: maskPattern(placed.shown) };
}

function isLockable({ fault }: PlacedFile): boolean {
  return fault === null;
}

/** @returns null when the agent was declared gone meanwhile: it holds nothing and can claim nothing */
async function claim(
  { locks }: GuardDeps,
  actor: Actor,
  patterns: readonly PlacedPattern[],
): Promise<FoundLocks | null> {
  try {
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
