import { hostname } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { Actor } from '../../actor/actor.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { maskSecrets } from '../../text/mask-secrets.js';
import { oneLine } from '../../text/quote-text.js';
import { type AgentFacts, nameOnly } from '../../text/word-agent.js';
import { createCallerCheck } from '../identify/check-caller.js';
import { createAgentFinder } from '../identify/find-agent.js';
import type { HeardAgents } from '../identify/heard-agents.js';
import type { HookAgent } from '../identify/hook-agent.js';
import { readChains } from '../identify/process-tree.js';
import { createSnapshotter } from '../snapshots/snapshot-files.js';
import { addNotices } from './add-notices.js';
import { beginSession } from './begin-session.js';
import { describeBoard } from './describe-board.js';
import { endSubagent, endTurn } from './end-turn.js';
import { guardCommit } from './guard-commit.js';
import { beginEdit, guardEdit, recordEdit } from './guard-edit.js';
import { guardPush } from './guard-push.js';
import {
  type GuardDeps,
  type HookContext,
  type MemberAsk,
  type MemberProcess,
  type MemberVerdict,
  PASS,
  type WatchOrder,
} from './guard-types.js';
import { isSwitchedOff } from './let-pass.js';
import { createMemberShellWatch, memberDeps, openMemberContext } from './member-hooks.js';
import { callOf, noteCaller } from './note-caller.js';
import { openContext } from './open-context.js';
import { createCommandWatch } from './watch-commands.js';
import { createShellWatch, type ShellWatch } from './watch-shell.js';

/** Characters of a prompt that are kept. */
const MAX_PROMPT = 120;
/** A warning is not repeated at every edit: for this long, in ms, and for so many of them. */
const TOLD_MS = 30 * 60_000;
const MAX_TOLD = 5_000;
/** Calls of subagents that are remembered, from the hook before each call on. */
const MAX_CALLS = 1_000;

export interface GuardService {
  /** The verdict on what a client's hook or a git hook reports. */
  answer(request: HookRequest): Promise<HookVerdict>;
  /** The same for a hook on a member's machine, whose files and processes this one does not see. */
  answerMember(ask: MemberAsk): Promise<MemberVerdict>;
  /** The agent that runs a command, by the process tree; null for a person, `unknown` for an agent without a connection. */
  findCaller(pid: number, cwd: string): Promise<AgentFacts | 'unknown' | null>;
  /** The same for a command on a member's machine. */
  findMemberCaller(process: MemberProcess): Promise<AgentFacts | null>;
  /** The session of the subagent that makes this call of a tool of PopStash; null when the agent itself does. */
  findSubagent(agentId: string, call: string): string | null;
  /** Whether hooks of the agent's client are heard: without them nothing checks its edits. Asks the database once at most. */
  isHeard(agentId: string, session: string | null): Promise<boolean>;
}

type GuardParts = Omit<GuardDeps, 'snapshots' | 'watch' | 'callers' | 'calls' | 'isNews'> & { heard: HeardAgents };

/** Decides about edits, commands and commits that are done without a tool of PopStash. */
export function createGuardService({ heard, ...parts }: GuardParts): GuardService {
  const { commands, redactor, repository, sessionKnown, identities } = parts;
  const told = new LRUCache<string, true>({ max: MAX_TOLD, ttl: TOLD_MS });
  const processes = { host: hostname(), readChains };
  const deps: GuardDeps = {
    ...parts,
    snapshots: createSnapshotter(),
    watch: createCommandWatch({ commands, redactor, ...processes }),
    callers: createCallerCheck({ ...processes, listCalls: commands.listCalls }),
    calls: new LRUCache({ max: MAX_CALLS }),
    isNews: (warning) => !told.has(warning) && told.set(warning, true).has(warning),
  };
  const finder = createAgentFinder({ repository, ...processes, onSession: sessionKnown });
  const shell = createShellWatch(deps);

  async function answer(used: GuardDeps, watch: ShellWatch, reopen: () => Promise<HookContext>): Promise<HookVerdict> {
    const context = await reopen();
    // It shows what is known, and is no sign of the agent or of its hooks.
    if (context.request.event === 'status-line') return await describeBoard(used, context);
    const verdict = await addNotices(used, context, await decide(used, watch, context, reopen), reopen);
    if (context.request.client !== 'git') {
      if (context.agent) heard.note(context.agent.id);
      else if (context.request.session !== undefined) heard.noteSession(context.request.session);
    }
    // The client waits for the verdict, not for these: they begin when it is on its way.
    setImmediate(() => {
      // Any sign of the agent renews its locks.
      if (context.actor) touch(used, context.actor);
      notePrompt(used, context).catch(() => undefined);
      if (verdict.decision !== 'deny') beginEdit(used, context);
    });
    return verdict;
  }

  async function describeAgent({ id, name }: HookAgent): Promise<AgentFacts> {
    return (await deps.agents.describe([id])).get(id) ?? nameOnly(id, name);
  }

  return {
    isHeard: heard.isHeard,
    async answer(asked) {
      const request = maskRequest(asked);
      return await answer(deps, shell, () => openContext({ finder, identities }, request));
    },

    async answerMember(asked) {
      const ask = { ...asked, request: maskRequest(asked.request) };
      const used = memberDeps(deps, ask);
      let watch: WatchOrder | null = null;
      const shellThere = createMemberShellWatch(used, ask, (order) => {
        watch = order;
      });
      const verdict = await answer(used, shellThere, () => openMemberContext(used, ask));
      return { verdict, watch };
    },

    findSubagent: (agentId, call) => deps.calls.get(callOf(agentId, call)) ?? null,

    async findCaller(pid, cwd) {
      const { agent, worktree } = await openContext({ finder, identities }, requestOf(pid, cwd));
      if (!(await deps.callers.isAgents(pid, agent, worktree))) return null;
      return agent ? await describeAgent(agent) : 'unknown';
    },

    async findMemberCaller(process) {
      const used = memberDeps(deps, process);
      const ask = { ...process, request: requestOf(0, process.here.folder), placed: new Map() };
      const { agent, worktree } = await openMemberContext(used, ask);
      return agent && (await used.callers.isAgents(0, agent, worktree)) ? await describeAgent(agent) : null;
    },
  };
}

/** Of a command of the command line: it is asked about as git's are. */
function requestOf(pid: number, cwd: string): HookRequest {
  return { popstash: 'hook', version: '1', pid, event: 'pre-commit', client: 'git', cwd };
}

/** What a client names in its own words, without secrets: it is stored and shown. Paths and commands stay as they are until they are stored. */
function maskRequest(request: HookRequest): HookRequest {
  const { session, subagent, tool, call } = request;
  return {
    ...request,
    ...(session !== undefined && { session: maskSecrets(session) }),
    ...(subagent !== undefined && { subagent: { id: maskSecrets(subagent.id), kind: maskSecrets(subagent.kind) } }),
    ...(tool !== undefined && { tool: maskSecrets(tool) }),
    ...(call !== undefined && { call: maskSecrets(call) }),
  };
}

function touch({ agents }: GuardDeps, { agentId, sessionId }: Actor): void {
  agents.touch(agentId, sessionId === null ? [] : [sessionId]).catch(() => undefined);
}

/** What the agent's user asks now; a subagent's prompt is its parent's. */
async function notePrompt({ repository, redactor }: GuardDeps, { agent, request }: HookContext): Promise<void> {
  if (!agent || request.subagent || request.prompt === undefined) return;
  await repository.rememberPrompt(agent.id, oneLine((await redactor.redact(request.prompt)).text, MAX_PROMPT));
}

/** @param reopen looks once more for whom the request is made */
function decide(
  deps: GuardDeps,
  shell: ShellWatch,
  context: HookContext,
  reopen: () => Promise<HookContext>,
): Promise<HookVerdict> {
  const { event, action } = context.request;
  switch (event) {
    case 'pre-tool-use':
      if (action === 'edit') return guardEdit(deps, context);
      if (context.request.tool !== undefined) return noteCaller(deps, context);
      return action === 'shell' ? beforeCommand(deps, shell, context) : Promise.resolve(PASS);
    case 'post-tool-use':
      if (action === 'edit') return recordEdit(deps, context);
      return action === 'shell' ? shell.after(context) : Promise.resolve(PASS);
    case 'session-start':
      return beginSession(deps, context, reopen);
    case 'stop':
    case 'session-end':
      return endTurn(deps, context);
    case 'subagent-stop':
      return endSubagent(deps, context);
    case 'pre-push':
    case 'pre-commit':
      return decideOnCommits(deps, context);
    default:
      // An event of a newer hook.
      return Promise.resolve(PASS);
  }
}

/** What a command writes is not known beforehand, but for a patch that it holds itself. */
async function beforeCommand(deps: GuardDeps, shell: ShellWatch, context: HookContext): Promise<HookVerdict> {
  const verdict = (context.request.files ?? []).length > 0 ? await guardEdit(deps, context) : PASS;
  if (verdict.decision !== 'deny') await shell.before(context);
  return verdict;
}

async function decideOnCommits(deps: GuardDeps, context: HookContext): Promise<HookVerdict> {
  if (await isSwitchedOff(deps, context)) return PASS;
  // A guard of an older version names the files of a push alone.
  const isPush = context.request.event === 'pre-push' && context.request.commits !== undefined;
  return isPush ? guardPush(deps, context) : guardCommit(deps, context);
}
