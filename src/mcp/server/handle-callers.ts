import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { cutText } from '../../text/clip-text.js';
import { newId } from '../../text/ids.js';
import type { Services } from '../services.js';
import type { Callers, CallFacts, ClientFacts } from './callers.js';
import { type AgentLeases, createKnownCallers } from './known-callers.js';
import type { Caller } from './open-caller.js';

export interface HandleCallersOptions {
  /**
   * Names the client's process: a call that is sent again over its next connection begins the same task. Null where calls of
   * several conversations come together, so that nothing but the handle tells whose a call is.
   */
  connectionKey: string | null;
  /** What says how long the agents live, where their client's process is not seen. */
  leases?: AgentLeases | undefined;
  open: (agentId: string, client: ClientFacts, onEnded: () => void) => Caller;
  projectId: () => string;
}

/** Callers whose agents end one by one. */
export interface HandleCallers extends Callers {
  /** Ends one agent. Never rejects. */
  endOne(agentId: string, reason: string): Promise<void>;
  /** Lets go of one agent, which goes on elsewhere. */
  leaveOne(agentId: string): void;
}

/** Ids of tasks that are remembered with their agents. */
const MAX_HANDLES = 1_000;

/**
 * In the revision of 2026-07-28 a connection says nothing of who calls: an agent is the handle that its start_task was
 * answered with, wherever it comes from (docs/decisions/agents-by-handle.md). Models forget to pass it: a call without one
 * is taken for the only agent's of its client's process. With several, or where the process is not known, it is nobody's: it
 * may read, and what it writes has an author of its own, who holds nothing.
 */
export function createHandleCallers(options: HandleCallersOptions): HandleCallers {
  const { connectionKey, open, projectId, leases } = options;
  const handles = new Map<string, string>();
  /** Begun without a task yet: start_task met conflicts. */
  const idle = new Set<Caller>();
  let nobody: Caller | undefined;
  const callers = createKnownCallers({
    leases,
    open,
    onGone(agentId, caller) {
      idle.delete(caller);
      if (nobody === caller) nobody = undefined;
      for (const [handle, owner] of handles) if (owner === agentId) handles.delete(handle);
    },
  });

  /** @throws AppError `not_found` */
  async function resolveHandle(handle: string, { sessions }: Services): Promise<string> {
    const known = handles.get(handle);
    if (known !== undefined && callers.has(known)) return known;
    const agentId = await sessions.findHolder(projectId(), handle);
    if (agentId === null) throw unknownHandle(handle);
    handles.set(handle, agentId);
    for (const oldest of handles.keys()) {
      if (handles.size <= MAX_HANDLES) break;
      handles.delete(oldest);
    }
    return agentId;
  }

  async function goOn(handle: string, client: ClientFacts, open: Services): Promise<Caller> {
    return await callers.admit(await resolveHandle(handle, open), client, async (caller) => {
      idle.delete(caller);
      await caller.presence.register();
      await caller.presence.goOn(handle);
    });
  }

  /** The agent that a start_task without a handle begins. */
  function nameNew({ requestId, args, isResent }: CallFacts): string {
    if (connectionKey === null) return newId('agent_');
    const derived = deriveId(`${connectionKey} ${JSON.stringify([requestId, args])}`);
    const [free] = idle;
    // Its answer was lost: the agent is there already.
    const again = (isResent ? callers.get(derived) : undefined) ?? free;
    if (again) idle.delete(again);
    return again?.agentId ?? (callers.has(derived) ? newId('agent_') : derived);
  }

  /** Whether it acts for nobody and leaves nothing that would have to end. */
  function isReader({ tool }: CallFacts, caller: Caller): boolean {
    return caller === nobody && tool.annotations.readOnlyHint === true;
  }

  async function asNobody(call: CallFacts): Promise<Caller> {
    nobody ??= callers.seat(newId('agent_'), call.client);
    return isReader(call, nobody) ? nobody : await callers.admit(nobody.agentId, call.client);
  }

  return {
    needsProject: true,
    async find(call, open) {
      const { tool, args, client } = call;
      const given = tool.handle === 'none' ? undefined : args?.session_id;
      const parent = findParent(callers.all(), call, open);
      if (parent) return await callers.admit(parent.agentId, client);
      if (typeof given === 'string' && given.trim() !== '') return await goOn(given.trim(), client, open);
      if (tool.handle === 'mints') return await callers.admit(nameNew(call), client);
      const agents = callers.all().filter((caller) => caller !== nobody && !idle.has(caller));
      const only = tool.handle === 'none' || connectionKey === null ? undefined : findOnly(agents);
      if (only) return await callers.admit(only.agentId, client);
      if (tool.handle === 'needed') throw needsHandle(tool.name);
      return await asNobody(call);
    },
    answered(call, caller) {
      if (!isReader(call, caller)) leases?.end(caller.agentId);
      if (call.tool.handle !== 'mints' || !callers.has(caller.agentId)) return;
      if (caller.presence.tasks.isEmpty()) idle.add(caller);
    },
    isKnown: (agentId) => connectionKey !== null && callers.has(agentId),
    listen: callers.listen,
    async endOne(agentId, reason) {
      await callers.take(agentId)?.end(reason);
    },
    leaveOne: callers.drop,
    async refresh() {
      await Promise.all(callers.all().map(({ presence }) => presence.refresh()));
    },
    async end(reason) {
      await Promise.all(callers.all().map((caller) => caller.end(reason)));
    },
    leave() {
      for (const caller of callers.all()) caller.leave();
    },
  };
}

/** The agent whose subagent makes a call. */
function findParent(agents: readonly Caller[], { callId }: CallFacts, { guard }: Services): Caller | undefined {
  return callId === null ? undefined : agents.find(({ agentId }) => guard.findSubagent(agentId, callId) !== null);
}

/** The agent with the only open task of a connection; where none is open, its only agent. */
function findOnly(agents: readonly Caller[]): Caller | undefined {
  const busy = agents.filter(({ presence }) => !presence.tasks.isEmpty());
  const [only, ...others] = busy.length > 0 ? busy : agents;
  return others.length === 0 ? only : undefined;
}

/** The same agent id for the same key. */
export function deriveId(key: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(key).digest('hex')}`).toString(36);
  return `agent_${digits.padStart(16, '0').slice(-16)}`;
}

function unknownHandle(handle: string): AppError {
  return new AppError({
    code: 'not_found',
    message: `session_id: ${JSON.stringify(cutText(handle, 60))} is no task of this project.`,
    fix: 'Pass the session_id that your start_task returned, or call start_task without one first.',
  });
}

function needsHandle(tool: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `${tool}: session_id is required: it says whose locks and task are meant.`,
    fix: 'Pass the session_id that your start_task returned; call start_task first if there is none.',
  });
}
