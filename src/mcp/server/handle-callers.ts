import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { cutText } from '../../text/clip-text.js';
import { newId } from '../../text/ids.js';
import type { Services } from '../services.js';
import type { Callers, CallFacts, ClientFacts } from './callers.js';
import type { Caller } from './open-caller.js';

export interface HandleCallersOptions {
  /** Names the connection: a call that is sent again over the next one begins the same task. */
  connectionKey: string;
  open: (agentId: string, client: ClientFacts, onEnded: () => void) => Caller;
  projectId: () => string;
}

/** Ids of tasks that are remembered with their agents. */
const MAX_HANDLES = 1_000;

/**
 * In the revision of 2026-07-28 a connection says nothing of who calls: an agent is the handle that its start_task was
 * answered with, wherever it comes from (docs/decisions/agents-by-handle.md). Models forget to pass it: a call without one
 * is taken for the only agent's that there is here. With several it is nobody's: it may read, and what it writes has an
 * author of its own, who holds nothing.
 */
export function createHandleCallers({ connectionKey, open, projectId }: HandleCallersOptions): Callers {
  const callers = new Map<string, Caller>();
  const handles = new Map<string, string>();
  /** Begun without a task yet: start_task met conflicts. */
  const idle = new Set<Caller>();
  let nobody: Caller | undefined;
  let services: Services | undefined;

  function seat(agentId: string, client: ClientFacts): Caller {
    const known = callers.get(agentId);
    if (known) return known;
    const caller = open(agentId, client, () => drop(agentId));
    callers.set(agentId, caller);
    if (services) caller.listen(services);
    return caller;
  }

  function drop(agentId: string): void {
    callers.get(agentId)?.leave();
    callers.delete(agentId);
    for (const [handle, owner] of handles) if (owner === agentId) handles.delete(handle);
  }

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
    const caller = seat(await resolveHandle(handle, open), client);
    idle.delete(caller);
    await caller.presence.register();
    await caller.presence.goOn(handle);
    return caller;
  }

  function begin({ requestId, args, client }: CallFacts): Caller {
    const [free] = idle;
    if (free) {
      idle.delete(free);
      return free;
    }
    const derived = deriveId(`${connectionKey} ${JSON.stringify([requestId, args])}`);
    return seat(callers.has(derived) ? newId('agent_') : derived, client);
  }

  function findSubagent(callId: string, { guard }: Services): Caller | undefined {
    return [...callers.values()].find(({ agentId }) => guard.findSubagent(agentId, callId) !== null);
  }

  return {
    needsProject: true,
    async find(call, open) {
      const { tool, args, callId, client } = call;
      const parent = callId === null ? undefined : findSubagent(callId, open);
      if (parent) return parent;
      const given = tool.handle === 'none' ? undefined : args?.session_id;
      if (typeof given === 'string' && given.trim() !== '') return await goOn(given.trim(), client, open);
      if (tool.handle === 'mints') return begin(call);
      const agents = [...callers.values()].filter((caller) => caller !== nobody && !idle.has(caller));
      const only = tool.handle === 'none' ? undefined : findOnly(agents);
      if (only) return only;
      if (tool.handle === 'needed') throw needsHandle(tool.name);
      nobody ??= seat(newId('agent_'), client);
      return nobody;
    },
    answered({ tool }, caller) {
      if (tool.handle !== 'mints' || !callers.has(caller.agentId)) return;
      if (caller.presence.tasks.isEmpty()) idle.add(caller);
    },
    isKnown: (agentId) => callers.has(agentId),
    listen(opened) {
      services = opened;
      for (const caller of callers.values()) caller.listen(opened);
    },
    async refresh() {
      await Promise.all([...callers.values()].map(({ presence }) => presence.refresh()));
    },
    async end(reason) {
      await Promise.all([...callers.values()].map((caller) => caller.end(reason)));
    },
    leave() {
      for (const caller of callers.values()) caller.leave();
    },
  };
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
