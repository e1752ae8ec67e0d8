import { hostname } from 'node:os';
import type { Actor } from '../../actor/actor.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { resolveProject } from '../../project/resolve-project.js';
import { endSubagent, endTurn } from './end-turn.js';
import { type AgentFinder, createAgentFinder } from './find-agent.js';
import { guardCommit } from './guard-commit.js';
import { guardEdit, recordEdit } from './guard-edit.js';
import type { HookAgent } from './guard-repository.js';
import { type GuardDeps, PASS, type Scene } from './guard-types.js';
import { openProcessTree } from './process-tree.js';
import { createSnapshotter } from './snapshot-files.js';
import { summarizeProject } from './summarize-project.js';
import { createShellWatch, type ShellWatch } from './watch-shell.js';

export interface GuardService {
  /** Judges what a client's hook or a git hook reports. */
  answer(request: HookRequest): Promise<HookVerdict>;
}

/** What the running server knows about edits, commands and commits that its tools never see. */
export function createGuardService(parts: Omit<GuardDeps, 'snapshots'>): GuardService {
  const deps: GuardDeps = { ...parts, snapshots: createSnapshotter() };
  const finder = createAgentFinder({ repository: deps.repository, host: hostname(), openProcesses: openProcessTree });
  const shell = createShellWatch(deps);
  return {
    async answer(request) {
      const scene = await setScene(finder, request);
      const verdict = await judge(deps, shell, scene);
      // Any sign of the agent keeps its locks alive. The client waits for the verdict, not for this.
      if (scene.actor) touch(deps, scene.actor);
      return verdict;
    },
  };
}

function touch({ agents }: GuardDeps, { agentId, sessionId }: Actor): void {
  agents.touch(agentId, sessionId === null ? [] : [sessionId]).catch(() => undefined);
}

function judge(deps: GuardDeps, shell: ShellWatch, scene: Scene): Promise<HookVerdict> {
  const { event, action } = scene.request;
  switch (event) {
    case 'pre-tool-use':
      if (action === 'edit') return guardEdit(deps, scene);
      return action === 'shell' ? shell.before(scene) : Promise.resolve(PASS);
    case 'post-tool-use':
      if (action === 'edit') return recordEdit(deps, scene);
      return action === 'shell' ? shell.after(scene) : Promise.resolve(PASS);
    case 'session-start':
      return summarizeProject(deps, scene);
    case 'stop':
    case 'session-end':
      return endTurn(deps, scene);
    case 'subagent-stop':
      return endSubagent(deps, scene);
    case 'pre-commit':
    case 'pre-push':
      return guardCommit(deps, scene);
    default:
      // Of a newer hook.
      return Promise.resolve(PASS);
  }
}

async function setScene(finder: AgentFinder, request: HookRequest): Promise<Scene> {
  const agent = await finder.find(request);
  const here = resolveProject(request.cwd, request.project);
  if (!agent) return { request, projectId: here.id, worktree: here.worktree, agent, actor: null };
  const isHome = sharesRepository(agent.worktree, request.cwd);
  const isCommit = request.client === 'git';
  // A client may have gone to another folder meanwhile; its agent still belongs to the project it connected from.
  const projectId = isCommit && !isHome ? here.id : agent.projectId;
  const worktree = isHome || isCommit || !agent.worktree ? here.worktree : agent.worktree;
  const actor = { projectId, agentId: agent.id, sessionId: chooseSession(agent, request) };
  return { request, projectId, worktree, agent, actor: projectId === agent.projectId ? actor : null };
}

function sharesRepository(worktree: string | null, cwd: string): boolean {
  return worktree !== null && resolveProject(worktree, undefined).root === resolveProject(cwd, undefined).root;
}

/** The subagent's own session when it has one, else the agent's only task; with none or several, the agent as a whole. */
function chooseSession({ sessions }: HookAgent, { subagent }: HookRequest): string | null {
  const own = subagent && sessions.find((session) => session.subagent === subagent.id);
  if (own) return own.id;
  const tasks = sessions.filter((session) => session.subagent === null);
  return tasks.length === 1 ? (tasks[0]?.id ?? null) : null;
}
