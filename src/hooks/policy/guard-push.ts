import { patternMatches } from '../../globs/compare-patterns.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { introduceOthers, quotePath } from '../../text/quote-text.js';
import { createAgentWords, nameOnly } from '../../text/word-agent.js';
import type { PastHold } from './commit-repository.js';
import { deny, type GuardDeps, type HookContext, PASS } from './guard-types.js';
import { letPersonPass, OVERRIDE } from './let-pass.js';
import { locateFiles } from './locate-file.js';

type PushedCommit = NonNullable<HookRequest['commits']>[number];

/** A file of a commit that was made while another agent held it. */
interface HeldWrite {
  commit: string;
  path: string;
  lock: PastHold;
}

/** Files that a refusal names. */
const SHOWN = 5;
/** Git counts the time of a commit in whole seconds: what began or ended within that second is not known to overlap. */
const STEP_S = 1;

/**
 * Before a push: refused when it newly publishes a commit that was made while another agent held a file of it. Commits
 * that the guard let pass when they were made are not checked again, nor the holder's own.
 */
export async function guardPush(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  const { request, projectId, agent } = context;
  const commits = request.commits ?? [];
  const passed = await deps.commits.findPassed(
    projectId,
    commits.map(({ tree }) => tree),
  );
  const unknown = commits.filter(({ tree }) => !passed.has(tree));
  const writes = unknown.length === 0 ? [] : await findHeldWrites(deps, context, unknown);
  if (writes.length === 0) return PASS;
  if (!(await deps.callers.isAgents(request.pid, agent, context.worktree))) {
    const held = writes.map(({ path, lock }) => ({ path, agentId: lock.agentId }));
    return letPersonPass(deps, context, { what: 'push', held, lines: await describe(deps, agent, writes) });
  }
  const fixes = [
    'wait until they are free, look at what their holder changed, and let the guard check the commits again ' +
      '(git commit --amend --no-edit, or a rebase with --exec for older ones)',
    'push what is before them (git push REMOTE COMMIT:BRANCH)',
    'or ask the user: only a person can let it pass',
  ];
  return deny(
    introduceOthers(
      `PopStash refuses this push.\n${await describe(deps, agent, writes)}\nWhat to do:\n${fixes.map((fix) => `- ${fix}`).join('\n')}` +
        (request.override === undefined ? '' : `\n${OVERRIDE} is for people: an agent's push does not pass by it.`),
    ),
  );
}

async function findHeldWrites(
  { commits: repository, commands }: GuardDeps,
  context: HookContext,
  commits: readonly PushedCommit[],
): Promise<HeldWrite[]> {
  const { projectId, agent } = context;
  const times = commits.map(({ at }) => at);
  const files = [...new Set(commits.flatMap((commit) => commit.files))];
  const { byPath } = await locateFiles(files, context);
  const placed = commits.map((commit) => ({
    ...commit,
    patterns: commit.files.flatMap((path) => (byPath.get(path) ?? []).map(({ pattern }) => ({ path, pattern }))),
  }));
  const boards = [...new Set(placed.flatMap(({ patterns }) => patterns.map(({ pattern }) => pattern.board)))];
  const locks = await repository.listHeldBetween(boards, agent?.id ?? '', Math.min(...times), Math.max(...times));
  const found: HeldWrite[] = [];
  for (const { id, at, patterns } of placed) {
    const held = locks.filter(({ from, until }) => from <= at && (until === null || until >= at + STEP_S));
    if (held.length === 0) continue;
    const writes = patterns.flatMap(({ path, pattern }) => {
      const lock = held.find((each) => each.worktree === pattern.worktree && patternMatches(each, pattern.key));
      return lock ? [{ commit: id, path, lock }] : [];
    });
    if (writes.length === 0) continue;
    const holders = [...new Set(writes.map(({ lock }) => lock.agentId))];
    const running = await commands.listRunningAt(projectId, [...holders, ...(agent ? [agent.id] : [])], at);
    // The holder's own commit: its command made it, and none of the agent that pushes.
    const own = agent && running.includes(agent.id) ? [] : running;
    found.push(...writes.filter(({ lock }) => !own.includes(lock.agentId)));
  }
  return found;
}

async function describe(
  { agents }: GuardDeps,
  reader: HookContext['agent'],
  writes: readonly HeldWrite[],
): Promise<string> {
  const shown = writes.slice(0, SHOWN);
  const known = await agents.describe(shown.map(({ lock }) => lock.agentId));
  const word = createAgentWords(reader ?? undefined);
  const lines = shown.map(({ commit, path, lock }) => {
    const holder = { ...(known.get(lock.agentId) ?? nameOnly(lock.agentId, lock.agentId)), task: lock.task };
    const still = lock.until === null ? 'which holds it still' : 'which has let go since';
    return `${quotePath(path)} was committed (${commit.slice(0, 10)}) while ${word(holder)} held it, ${still}.`;
  });
  const more = writes.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}
