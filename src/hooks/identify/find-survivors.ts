import { defineFileTask } from '../../files/file-task.js';
import { runFileTask } from '../../files/run-file-task.js';
import { isAdopter } from './match-agent.js';
import { listRunning, type RunningProcess, readRunning, worksIn } from './running-processes.js';

/** A call of a client's tool, as far as its processes go. Ages are seconds since then, so that no clocks are compared. */
export interface CallTimes {
  clientPid: number | null;
  worktree: string;
  startAge: number;
  /** Null while it runs. */
  endAge: number | null;
}

/** How exactly the system tells when a process was started, in seconds. */
const SLACK_S = 0.03;
/** Processes that are remembered for one command. */
const MAX_SURVIVORS = 20;

/**
 * Processes that a tool call started and that still run: below its client or, when their parents have ended, in its
 * worktree. Empty where the system does not tell.
 * @param except those that reported the call
 */
export async function findSurvivors(call: CallTimes, except: readonly number[] = []): Promise<string[]> {
  if (call.clientPid === null) return [];
  return await runFileTask(runningTasks.survivors, PROC, call, except).catch(() => []);
}

function listSurvivors(call: CallTimes, except: readonly number[]): string[] {
  const running = listRunning();
  const byPid = new Map(running.map((process) => [process.pid, process]));
  return running
    .filter((process) => !except.includes(process.pid) && isStartedIn(process, call) && isFrom(process, call, byPid))
    .slice(0, MAX_SURVIVORS)
    .map(({ pid, start }) => `${pid} ${start}`);
}

/** Whether one of the processes, as `pid start`, still runs. */
export async function isAnyRunning(survivors: readonly string[]): Promise<boolean> {
  const named = survivors.map((survivor) => survivor.split(' '));
  const running = await readProcesses(named.map(([pid]) => Number(pid)));
  return named.some(([pid, start]) => running.get(Number(pid))?.start === start);
}

/** Those of these processes that run; none where the system does not tell. Never rejects. */
export async function readProcesses(pids: readonly number[]): Promise<Map<number, RunningProcess>> {
  if (pids.length === 0) return new Map();
  const read = await runFileTask(runningTasks.read, PROC, pids).catch(() => []);
  return new Map(read.flatMap((process) => (process ? [[process.pid, process] as const] : [])));
}

/** A host may run thousands of processes, each with files of its own. */
const PROC = '/proc';

export const runningTasks = {
  survivors: defineFileTask('survivors', (_proc, call: CallTimes, except: readonly number[]) =>
    listSurvivors(call, except),
  ),
  read: defineFileTask('read-processes', (_proc, pids: readonly number[]) => pids.map(readRunning)),
};

/** Whether the process was started while the tool call ran. */
export function isStartedIn(
  { ageSeconds }: RunningProcess,
  { startAge, endAge }: Pick<CallTimes, 'startAge' | 'endAge'>,
): boolean {
  return ageSeconds <= startAge + SLACK_S && (endAge === null || ageSeconds >= endAge - SLACK_S);
}

/** Below the client, or below an orphan that works in the worktree: what was there before the call is another's. */
function isFrom(process: RunningProcess, call: CallTimes, byPid: ReadonlyMap<number, RunningProcess>): boolean {
  const seen = new Set<number>();
  for (let next = process; !seen.has(next.pid) && isStartedIn(next, call); ) {
    seen.add(next.pid);
    if (next.parent === call.clientPid) return true;
    const parent = byPid.get(next.parent);
    if (!parent || isAdopter(parent.pid, parent.name)) return worksIn(process.pid, call.worktree);
    next = parent;
  }
  return false;
}
