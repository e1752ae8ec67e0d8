// What watch-loop.mjs has reported.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentChange } from '../setup/environment.js';
import { createFolder } from '../setup/folders.js';
import { waitUntil } from '../setup/wait-until.js';

interface Report {
  /** Begin of the second, in ms. */
  at: number;
  ticks: number;
  /** Longest time between two ticks that the main thread worked, in ms. */
  worst: number;
}

export interface WatchedLoop {
  pid: number;
  /** Longest block, in ms. */
  worst: number;
  ticks: number;
  /** The seconds with the longest blocks: when, in ms since the watch began, and how long. */
  longest: { after: number; worst: number }[];
}

export interface LoopWatch {
  /** For the environment of the processes to watch, and of those that they start. */
  env: EnvironmentChange;
  /** From now on it counts: what came before was the start. */
  begin(): void;
  /** Reports of the process that runs this command (`mcp`, `serve`) under this id, with one made after this call. */
  read(command: string, pid: number): Promise<WatchedLoop>;
}

/** Has the event loops of processes watched from within. */
export function watchLoops(): LoopWatch {
  const folder = createFolder('ps-loop-');
  const script = join(import.meta.dirname, 'watch-loop.mjs');
  let begin = 0;

  function readReports(command: string, pid: number): Report[] {
    const name = `${command}-${pid}.jsonl`;
    if (!readdirSync(folder).includes(name)) return [];
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Report).filter(({ at }) => at >= begin);
  }

  return {
    env: { NODE_OPTIONS: `--import=${script}`, TEST_LOOP_FOLDER: folder },
    begin() {
      begin = Date.now();
    },
    async read(command, pid) {
      const asked = Date.now();
      const reports = await waitUntil(() => {
        const all = readReports(command, pid);
        return all.some(({ at }) => at >= asked) && all;
      }, `a report of the loop of ${command} ${pid}`);
      return {
        pid,
        worst: Math.max(...reports.map(({ worst }) => worst)),
        ticks: reports.reduce((sum, report) => sum + report.ticks, 0),
        longest: [...reports]
          .sort((a, b) => b.worst - a.worst)
          .slice(0, 10)
          .map(({ at, worst }) => ({ after: at - begin, worst: Math.round(worst) })),
      };
    },
  };
}
