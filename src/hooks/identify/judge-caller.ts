import { isStartedIn } from './find-survivors.js';
import type { HookAgent } from './hook-agent.js';
import { listAncestors, type ReadProcess } from './process-tree.js';
import { readRunning } from './running-processes.js';

/** A command that a client's tool runs or ran; ages are seconds since then, so that no clocks are compared. */
export interface ToolCall {
  clientPid: number | null;
  startAge: number;
  /** Null while it runs. */
  endAge: number | null;
}

export interface CallerJudgeDeps {
  host: string;
  openProcesses: () => Promise<ReadProcess>;
  /** Commands of these clients and of this agent. */
  listCalls(host: string, clientPids: readonly number[], agentId: string | null): Promise<ToolCall[]>;
}

export type CallerJudge = ReturnType<typeof createCallerJudge>;

/**
 * Tells an agent's command from a person's. A process below a client is the agent's while a tool call of the client runs,
 * or when it was started during one; else a person typed it there. Of a client whose hooks were never heard nothing is
 * known of its calls: what runs below it is taken for the agent's. A process below no client is a person's.
 */
export function createCallerJudge({ host, openProcesses, listCalls }: CallerJudgeDeps) {
  return {
    /** @param agent that the process belongs to, by its ancestors */
    async isAgents(pid: number, agent: HookAgent | null): Promise<boolean> {
      if (agent && !agent.isHooked) return true;
      const chain = listAncestors(pid, await openProcesses());
      const above = chain.slice(1).map((process) => process.pid);
      const calls = await listCalls(
        host,
        above.filter((each) => each > 1),
        agent?.id ?? null,
      );
      return calls.some((call) => call.endAge === null || isBelow(chain, call));
    },
  };
}

/** Whether a process between the asking one and the client, both included, was started while the call ran. */
function isBelow(chain: readonly { pid: number }[], call: ToolCall): boolean {
  const at = chain.findIndex(({ pid }) => pid === call.clientPid);
  const below = at === -1 ? [] : chain.slice(0, at);
  return below.some(({ pid }) => {
    const process = readRunning(pid);
    return process !== null && isStartedIn(process, { ...call, worktree: '' });
  });
}
