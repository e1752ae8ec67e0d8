import type { LockConflict, PlacedPattern } from '../../coordination/locks/lock-types.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { describeConflicts, quoted, releaseCommand } from './describe-conflict.js';
import { describeWarnings } from './describe-warning.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { locateFile } from './locate-file.js';

const OVERRIDE = `POPSTASH_OVERRIDE="reason" git …`;
const SHOWN_STALE = 5;

/**
 * Before a commit or a push: refused when it holds files that another agent has locked, or files on which this agent's
 * lock ended and another agent was granted one since. With a person's reason it passes and is logged.
 */
export async function guardCommit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { request, agent } = context;
  const patterns = (request.files ?? []).flatMap((path) => locateFile(path, context).map(({ pattern }) => pattern));
  if (patterns.length === 0) return PASS;
  const { conflicts, warnings, now } = await deps.locks.findConflicts(agent?.id ?? '', patterns);
  const stale = agent ? await deps.locks.findStale(agent.id, patterns) : [];
  const foreign = stale.filter(({ path }) => !conflicts.some(({ requested }) => requested === path));
  if (conflicts.length === 0 && foreign.length === 0) {
    return warnings.length > 0 ? tell(`PopStash: ${describeWarnings(warnings)}`) : PASS;
  }
  const what = request.event === 'pre-push' ? 'push' : 'commit';
  if (request.override !== undefined) return letPass(deps, context, what, conflicts, patterns);

  const lines = conflicts.length > 0 ? [describeConflicts(conflicts, now)] : [];
  for (const { path, agentName, agentId, token, laterToken } of foreign.slice(0, SHOWN_STALE)) {
    lines.push(
      `${path}: your lock on it ended (token ${token}) and ${quoted(agentName)} (${agentId}) was granted it since ` +
        `(token ${laterToken}): what you did there may not know of its changes.`,
    );
  }
  const fixes = [
    ...(conflicts.length > 0 ? [`wait until it is free, or free it: ${releaseCommand(conflicts, context.home)}`] : []),
    ...(foreign.length > 0 ? ['acquire it again and look at what has changed'] : []),
    `leave the file out (git restore --staged FILE)`,
    `for people, ${what} all the same and say why: ${OVERRIDE}`,
  ];
  return deny(
    `PopStash refuses this ${what}.\n${lines.join('\n')}\nWhat to do:\n${fixes.map((fix) => `- ${fix}`).join('\n')}`,
  );
}

async function letPass(
  { repository, redactor }: GuardDeps,
  { request, projectId, agent }: HookContext,
  what: string,
  conflicts: readonly LockConflict[],
  patterns: readonly PlacedPattern[],
): Promise<HookVerdict> {
  const { text } = await redactor.redact(request.override ?? '');
  const reason = quoted(text);
  const files = conflicts.length > 0 ? conflicts.map(({ requested }) => requested) : patterns.map(({ shown }) => shown);
  const holders = [...new Set(conflicts.map(({ agentId }) => agentId))];
  await repository.logOverride(projectId, agent?.id ?? null, {
    reason,
    files: [...new Set(files)].slice(0, 100),
    event: request.event,
    holders,
  });
  return tell(`PopStash: this ${what} passes by your override (${reason}); that is on the timeline.`);
}
