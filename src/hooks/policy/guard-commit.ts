import type { StalePath } from '../../coordination/locks/find-stale.js';
import type { LockConflict, PlacedPattern } from '../../coordination/locks/lock-types.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { introduceOthers, quotePath } from '../../text/quote-text.js';
import { createAgentWords } from '../../text/word-agent.js';
import { describeConflicts, releaseCommand } from './conflicts/describe-conflict.js';
import { describeWarnings } from './conflicts/describe-warning.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';
import { letPersonPass, OVERRIDE } from './let-pass.js';
import { locateFiles } from './locate-file.js';

const SHOWN_STALE = 5;

/**
 * Before a commit, and before commits that are made get onto a branch. An agent's is refused when it holds files that
 * another agent has locked, or files on which its own lock ended and another agent was granted one since. A person's is
 * refused in guarded mode alone, and without a reason.
 */
export async function guardCommit(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { request } = context;
  const named = [...(request.files ?? []), ...(request.commits ?? []).flatMap((commit) => commit.files)];
  const { files, unchecked } = await locateFiles([...new Set(named)], context);
  const verdict = await decide(
    deps,
    context,
    files.map(({ pattern }) => pattern),
  );
  return unchecked === undefined ? verdict : { ...verdict, unchecked };
}

async function decide(deps: GuardDeps, context: HookContext, patterns: readonly PlacedPattern[]): Promise<HookVerdict> {
  const { request, agent } = context;
  if (patterns.length === 0) return pass(deps, context);
  const { conflicts, warnings, now } = await deps.locks.findConflicts(agent?.id ?? '', patterns);
  const stale = agent ? await deps.locks.findStale(agent.id, patterns) : [];
  const foreign = stale.filter(({ path }) => !conflicts.some(({ requested }) => requested === path));
  const isHeld = conflicts.length > 0 || foreign.length > 0;
  if (isHeld && (await deps.callers.isAgents(request.pid, agent, context.worktree))) {
    const lines = [
      ...(conflicts.length > 0 ? [describeConflicts(conflicts, now)] : []),
      ...describeStale(foreign, agent),
    ];
    return refuse(lines, {
      isHeld: conflicts.length > 0,
      isStale: foreign.length > 0,
      isMade: request.commits !== undefined,
      isOverridden: request.override !== undefined,
    });
  }
  const verdict = await letPersonPass(deps, context, {
    what: 'commit',
    held: conflicts.map(({ requested, agentId }) => ({ path: requested, agentId })),
    lines: describeConflicts(conflicts, now),
    free: deps.word(releaseCommand(conflicts, context.home)),
    isLogged: await wasPassedSince(deps, context, conflicts),
  });
  if (verdict.decision === 'deny') return verdict;
  await pass(deps, context);
  return verdict.decision === 'pass' && warnings.length > 0 ? tell(`PopStash: ${describeWarnings(warnings)}`) : verdict;
}

/** Remembers the trees of commits that are let pass, for the push. */
async function pass({ commits }: GuardDeps, { projectId, request, agent }: HookContext): Promise<HookVerdict> {
  for (const tree of listTrees(request)) await commits.remember(projectId, tree, agent?.id ?? null);
  return PASS;
}

function listTrees({ tree, commits = [] }: HookRequest): string[] {
  return [...new Set([...(tree === undefined ? [] : [tree]), ...commits.map((commit) => commit.tree)])];
}

/**
 * Whether the same commit was let pass since all of these locks began: two of git's hooks ask about one commit, and it is
 * logged once.
 */
async function wasPassedSince(
  { commits }: GuardDeps,
  { projectId, request }: HookContext,
  conflicts: readonly LockConflict[],
): Promise<boolean> {
  const trees = listTrees(request);
  if (conflicts.length === 0 || trees.length === 0) return false;
  const since = new Date(Math.max(...conflicts.map((conflict) => conflict.since.getTime())));
  return (await commits.findPassed(projectId, trees, since)).size === trees.length;
}

interface Refusal {
  isHeld: boolean;
  isStale: boolean;
  /** The commit is made; no branch has it yet. */
  isMade: boolean;
  isOverridden: boolean;
}

function refuse(lines: readonly string[], { isHeld, isStale, isMade, isOverridden }: Refusal): HookVerdict {
  const again = isMade ? 'do this again' : 'commit';
  const fixes = [
    ...(isHeld ? [`wait until it is free (acquire with wait_seconds), then ${again}`] : []),
    ...(isStale ? [`acquire it again and look at what has changed, then ${again}`] : []),
    ...(isMade ? [] : ['commit without it (git restore --staged FILE)']),
    'or ask the user: only a person can let it pass',
  ];
  return deny(
    introduceOthers(
      `PopStash refuses this commit${isMade ? ': no branch was moved' : ''}.\n` +
        `${lines.join('\n')}\nWhat to do:\n${fixes.map((fix) => `- ${fix}`).join('\n')}` +
        (isOverridden ? `\n${OVERRIDE} is for people: an agent's commit does not pass by it.` : ''),
    ),
  );
}

function describeStale(stale: readonly StalePath[], reader: HookContext['agent']): string[] {
  const word = createAgentWords(reader ?? undefined);
  return stale
    .slice(0, SHOWN_STALE)
    .map(
      ({ path, holder, token, laterToken }) =>
        `${quotePath(path)}: your lock on it ended (token ${token}) and ${word(holder)} was granted it since ` +
        `(token ${laterToken}): what you did there may not know of its changes.`,
    );
}
