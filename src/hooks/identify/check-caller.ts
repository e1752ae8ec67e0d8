import { isStartedIn, readProcesses } from './find-survivors.js';
import type { HookAgent } from './hook-agent.js';
import { isAdopter } from './match-agent.js';
import type { ProcessInfo, ReadChains } from './process-tree.js';

/** A command that a client's tool runs or ran; ages are seconds since then, so that no clocks are compared. */
export interface ToolCall {
  clientPid: number | null;
  startAge: number;
  /** Null while it runs. */
  endAge: number | null;
}

export interface CallerCheckDeps {
  host: string;
  readChains: ReadChains;
  /** Commands of these clients and of this agent, and of all agents in this worktree, which their own agents' are among. */
  listCalls(of: CallsOf): Promise<(ToolCall & { isRelated: boolean })[]>;
}

export interface CallsOf {
  host: string;
  worktree: string;
  clientPids: readonly number[];
  agentId: string | null;
}

export type CallerCheck = ReturnType<typeof createCallerCheck>;

/**
 * Tells an agent's command from a person's. A process below a client is the agent's while a tool call of the client runs,
 * or when it was started during one; else a person typed it there. Of a client whose hooks were never heard nothing is
 * known of its calls: what runs below it is taken for the agent's. A process below no client is a person's, unless it
 * was left behind by a tool call in this worktree.
 */
export function createCallerCheck({ host, readChains, listCalls }: CallerCheckDeps) {
  return {
    /** @param agent that the process belongs to, by its ancestors */
    async isAgents(pid: number, agent: HookAgent | null, worktree: string): Promise<boolean> {
      if (agent && !agent.isHooked) return true;
      const [chain = []] = await readChains([pid]);
      const clientPids = chain.slice(1).flatMap((process) => (process.pid > 1 ? [process.pid] : []));
      const calls = await listCalls({ host, worktree, clientPids, agentId: agent?.id ?? null });
      if (calls.length === 0) return false;
      const running = await readProcesses(chain.map((process) => process.pid));
      const isStarted: IsStarted = (process, call) => {
        const found = running.get(process.pid);
        return found !== undefined && isStartedIn(found, call);
      };
      return calls.some((call) => {
        if (!call.isRelated) return isOrphan(chain, call, isStarted);
        return call.endAge === null || isBelow(chain, call, isStarted) || isOrphan(chain, call, isStarted);
      });
    },
  };
}

/** Whether a process was started while the call ran. */
type IsStarted = (process: ProcessInfo, call: ToolCall) => boolean;

/** Whether a process between the asking one and the client was started while the call ran. */
function isBelow(chain: readonly ProcessInfo[], call: ToolCall, isStarted: IsStarted): boolean {
  const at = chain.findIndex(({ pid }) => pid === call.clientPid);
  return at > 0 && chain.slice(0, at).some((process) => isStarted(process, call));
}

/** Whether the process that the system adopted was started while the call ran: a terminal's was there before. */
function isOrphan(chain: readonly ProcessInfo[], call: ToolCall, isStarted: IsStarted): boolean {
  const end = chain.findIndex(({ pid, command }) => isAdopter(pid, command[0] ?? ''));
  const root = end === -1 ? chain.at(-1) : chain[end - 1];
  return root !== undefined && isStarted(root, call);
}
