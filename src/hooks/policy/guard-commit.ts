import type { StalePath } from '../../coordination/locks/find-stale.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { createAgentWords } from '../../text/word-agent.js';
import { describeConflicts, releaseCommand } from './describe-conflict.js';
import { describeWarnings } from './describe-warning.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { letPersonPass, OVERRIDE } from './let-pass.js';
import { locateFile } from './locate-file.js';

const SHOWN_STALE = 5;

/**
 * Before a commit. An agent's is refused when it holds files that another agent has locked, or files on which its own
 * lock ended and another agent was granted one since. A person's is refused in guarded mode alone, and without a reason.
 */
export async function guardCommit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { request, agent } = context;
  const patterns = (request.files ?? []).flatMap((path) => locateFile(path, context).map(({ pattern }) => pattern));
  if (patterns.length === 0) return PASS;
  const { conflicts, warnings, now } = await deps.locks.findConflicts(agent?.id ?? '', patterns);
  const stale = agent ? await deps.locks.findStale(agent.id, patterns) : [];
  const foreign = stale.filter(({ path }) => !conflicts.some(({ requested }) => requested === path));
  const isHeld = conflicts.length > 0 || foreign.length > 0;
  if (isHeld && (await deps.callers.isAgents(request.pid, agent, context.worktree))) {
    const lines = [
      ...(conflicts.length > 0 ? [describeConflicts(conflicts, now)] : []),
      ...describeStale(foreign, agent),
    ];
    return refuse(lines, { isHeld: conflicts.length > 0, isStale: foreign.length > 0 }, request.override !== undefined);
  }
  const held = conflicts.map(({ requested, agentId }) => ({ path: requested, agentId }));
  const verdict = await letPersonPass(deps, context, {
    what: 'commit',
    held,
    lines: describeConflicts(conflicts, now),
    free: releaseCommand(conflicts, context.home),
  });
  if (verdict.decision !== 'deny' && request.tree !== undefined) {
    await deps.commits.remember(context.projectId, request.tree, agent?.id ?? null);
  }
  return verdict.decision === 'pass' && warnings.length > 0 ? tell(`PopStash: ${describeWarnings(warnings)}`) : verdict;
}

function refuse(
  lines: readonly string[],
  why: { isHeld: boolean; isStale: boolean },
  isOverridden: boolean,
): HookVerdict {
  const fixes = [
    ...(why.isHeld ? ['wait until it is free (acquire with wait_seconds), then commit'] : []),
    ...(why.isStale ? ['acquire it again and look at what has changed, then commit'] : []),
    'commit without it (git restore --staged FILE)',
    'or ask the user: only a person can let it pass',
  ];
  return deny(
    `PopStash refuses this commit.\n${lines.join('\n')}\nWhat to do:\n${fixes.map((fix) => `- ${fix}`).join('\n')}` +
      (isOverridden ? `\n${OVERRIDE} is for people: an agent's commit does not pass by it.` : ''),
  );
}

function describeStale(stale: readonly StalePath[], reader: HookContext['agent']): string[] {
  const word = createAgentWords(reader ?? undefined);
  return stale
    .slice(0, SHOWN_STALE)
    .map(
      ({ path, holder, token, laterToken }) =>
        `${path}: your lock on it ended (token ${token}) and ${word(holder)} was granted it since ` +
        `(token ${laterToken}): what you did there may not know of its changes.`,
    );
}
