import type { Home } from '../../coordination/locks/choose-board.js';
import type { HookRequest } from '../../ipc/control-protocol.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { AgentFinder } from '../identify/find-agent.js';
import type { HookAgent } from '../identify/hook-agent.js';
import type { HookContext } from './guard-types.js';
import { createFilePlacer } from './place-request-files.js';

/** Finds out for whom and where a request is decided. */
export async function openContext(
  { finder, identities }: { finder: AgentFinder; identities: Pick<ProjectIdentities, 'resolve'> },
  request: HookRequest,
): Promise<HookContext> {
  const resolving = identities.resolve(request.cwd, request.project);
  // The agent is looked for meanwhile: an edit waits for both.
  const finding = finder.find(
    request,
    resolving.then(({ worktree }) => worktree),
  );
  finding.catch(() => undefined);
  const here = await resolving;
  const place = createFilePlacer(request.cwd);
  // Most agents were opened where their request comes from: then the files need not wait for the agent either.
  if (request.files && request.client !== 'git') place(request.files, here).catch(() => undefined);
  const agent = await finding;
  if (!agent) return { request, projectId: here.id, worktree: here.worktree, home: here, place, agent, actor: null };

  const opened = await openAgents(identities, agent, request, here);
  const isHome =
    agent.worktree === here.worktree || opened?.root === (await identities.resolve(request.cwd, undefined)).root;
  const isCommit = request.client === 'git';
  // A client may have moved to another folder; its agent still belongs to the project it connected from.
  const projectId = isCommit && !isHome ? here.id : agent.projectId;
  const workplace = isHome || isCommit || !opened ? here : opened;
  const home = isCommit && !isHome ? here : homeOf(agent, workplace, opened);
  const actor = { projectId, agentId: agent.id, sessionId: chooseSession(agent, request) };
  const isOwn = projectId === agent.projectId;
  return { request, projectId, worktree: workplace.worktree, home, place, agent, actor: isOwn ? actor : null };
}

/** The folder that the agent was opened in; most often the one that its request names. */
async function openAgents(
  identities: Pick<ProjectIdentities, 'resolve'>,
  { worktree }: HookAgent,
  request: HookRequest,
  here: Workplace,
): Promise<Workplace | null> {
  if (worktree === null) return null;
  if (worktree === here.worktree && request.project === undefined) return here;
  return await identities.resolve(worktree, undefined).catch(() => null);
}

/** Where the agent's own connection places files from. A project that has another id than its folder was given a name. */
function homeOf({ projectId }: HookAgent, { worktree, isKnown, records }: Workplace, opened: Workplace | null): Home {
  return { id: projectId, root: opened?.root ?? '', worktree, isKnown, isNamed: projectId !== opened?.id, records };
}

/** The subagent's own session when it has one, else the agent's only task; with none or several, the agent as a whole. */
export function chooseSession({ sessions }: HookAgent, { subagent }: HookRequest): string | null {
  const own = subagent && sessions.find((session) => session.subagent === subagent.id);
  if (own) return own.id;
  const tasks = sessions.filter((session) => session.subagent === null);
  return tasks.length === 1 ? (tasks[0]?.id ?? null) : null;
}
