import { findMemberAgent } from '../identify/find-member-agent.js';
import type { HookAgent } from '../identify/hook-agent.js';
import type { Snapshot } from '../snapshots/snapshot-types.js';
import { type GuardDeps, type HookContext, type MemberAsk, PASS, type WatchOrder } from './guard-types.js';
import { chooseSession } from './open-context.js';
import { createCommandWatch } from './watch-commands.js';
import { reportCommand, type ShellWatch } from './watch-shell.js';

/** Of a machine whose files are not read. */
const NOTHING_SEEN: Snapshot = {
  at: 0,
  files: new Map(),
  found: new Map(),
  isComplete: false,
  listedBy: 'walk',
  rules: '',
};

/**
 * What deciding about a hook on another machine uses: nothing that looks at files or processes of this one; what its files are
 * like, a process there has told. Which command of
 * an agent runs is known by its client's hooks alone: a commit is the agent's while one does, and of a client without hooks.
 */
export function memberDeps(deps: GuardDeps, { host, written }: Pick<MemberAsk, 'host' | 'written'>): GuardDeps {
  const { commands, redactor, repository } = deps;
  return {
    ...deps,
    repository: {
      ...repository,
      listHeld: repository.listHeldOfTeam,
      recordWrites: written ? repository.recordWrites : async () => undefined,
    },
    snapshots: {
      readOne: async (path) => written?.get(path) ?? null,
      read: async () => NOTHING_SEEN,
      withoutIgnored: async () => [],
    },
    watch: createCommandWatch({ commands, redactor, host, readChains: async (pids) => pids.map(() => []) }),
    callers: {
      async isAgents(_pid, agent, worktree) {
        if (agent === null || !agent.isHooked) return agent !== null;
        const calls = await commands.listCalls({ host, worktree, clientPids: [], agentId: agent.id });
        return calls.some(({ isRelated, endAge }) => isRelated && endAge === null);
      },
    },
  };
}

/** Locks of which a member's machine watches the files. */
const MAX_WATCHED_LOCKS = 2_000;

/**
 * Records commands; what they write a process on the member's machine sees.
 * @param compared what it has seen @param onWatch is told what to watch
 */
export function createMemberShellWatch(
  deps: GuardDeps,
  { compared }: Pick<MemberAsk, 'compared'>,
  onWatch: (order: WatchOrder) => void,
): ShellWatch {
  return {
    async before(context) {
      const [locks] = await Promise.all([
        deps.repository.listHeldOfTeam(context.projectId, context.worktree),
        deps.watch.begin(context),
      ]);
      const watched = locks.slice(0, MAX_WATCHED_LOCKS);
      if (watched.length > 0) onWatch({ locks: watched, isAll: watched.length === locks.length });
      return PASS;
    },
    after: (context) => reportCommand(deps, context, compared ?? null),
  };
}

/** For whom and where a hook on a member's machine is decided. */
export async function openMemberContext(
  { repository, sessionKnown }: Pick<GuardDeps, 'repository' | 'sessionKnown'>,
  { request, memberId, host, here, placed, related }: MemberAsk,
): Promise<HookContext> {
  const { session } = request;
  const agents = await repository.listAgents(host, session ?? null, memberId);
  const found = findMemberAgent(agents, { request, worktree: here.worktree, related });
  const where = {
    request,
    worktree: here.worktree,
    place: async (paths: readonly string[]) => paths.map((path) => placed.get(path) ?? null),
  };
  if (!found) return { ...where, projectId: here.id, home: here, agent: null, actor: null };
  const name = session === undefined || found.clientSession === session ? null : await remember(found, session);
  // Its process is not one of this machine.
  const agent: HookAgent = { ...found, name: name ?? found.name, isLocal: false };
  const isElsewhere = request.client === 'git' && agent.projectId !== here.id;
  const projectId = isElsewhere ? here.id : agent.projectId;
  const actor = isElsewhere ? null : { projectId, agentId: agent.id, sessionId: chooseSession(agent, request) };
  return { ...where, projectId, home: { ...here, id: projectId }, agent, actor };

  async function remember(known: HookAgent, clientSession: string): Promise<string | null> {
    const kept = await repository.rememberSession(known.id, clientSession);
    sessionKnown(known.id, known.client, clientSession);
    return kept;
  }
}
