import type { HookRequest } from '../../ipc/control-protocol.js';
import { identifyProject, type Project, resolveProject } from '../../project/resolve-project.js';
import type { AgentFinder } from '../identify/find-agent.js';
import type { HookAgent } from '../identify/hook-agent.js';
import type { HookContext } from './guard-types.js';

/** Finds out for whom and where a request is decided. */
export async function openContext(finder: AgentFinder, request: HookRequest): Promise<HookContext> {
  const here = resolveProject(request.cwd, undefined);
  const hereId = identifyProject(request.project ?? here.root);
  const agent = await finder.find(request, here.worktree);
  if (!agent) return { request, projectId: hereId, worktree: here.worktree, root: here.root, agent, actor: null };

  const home = findHome(agent, here);
  const isHome = home?.root === here.root;
  const isCommit = request.client === 'git';
  // A client may have moved to another folder; its agent still belongs to the project it connected from.
  const projectId = isCommit && !isHome ? hereId : agent.projectId;
  const { worktree, root } = isHome || isCommit || !home ? here : home;
  const actor = { projectId, agentId: agent.id, sessionId: chooseSession(agent, request) };
  return { request, projectId, worktree, root, agent, actor: projectId === agent.projectId ? actor : null };
}

/** The project that the agent connected from; null where it is unknown. */
function findHome({ worktree }: HookAgent, here: Project): Pick<Project, 'root' | 'worktree'> | null {
  if (worktree === null || worktree === here.worktree) return worktree === null ? null : here;
  return { worktree, root: resolveProject(worktree, undefined).root };
}

/** The subagent's own session when it has one, else the agent's only task; with none or several, the agent as a whole. */
function chooseSession({ sessions }: HookAgent, { subagent }: HookRequest): string | null {
  const own = subagent && sessions.find((session) => session.subagent === subagent.id);
  if (own) return own.id;
  const tasks = sessions.filter((session) => session.subagent === null);
  return tasks.length === 1 ? (tasks[0]?.id ?? null) : null;
}
