import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../processes/processes.js';
import type { EnvironmentChange } from '../setup/environment.js';
import { createDataFolder, createFolder } from '../setup/folders.js';
import { isFullTrial } from '../setup/trial.js';
import { waitUntil } from '../setup/wait-until.js';
import { type ClientPackage, installClient } from './install-client.js';

/** A user's machine on which nothing was done yet. */
export interface UserMachine {
  home: string;
  /** A repository with one file, a.ts. */
  project: string;
  /** Of popstash and of the client alike. */
  env: EnvironmentChange & { HOME: string; POPSTASH_DATA_DIR: string };
}

export function createUserMachine(): UserMachine {
  const home = createFolder('ps-home-');
  const project = createFolder('ps-repo-');
  writeFileSync(join(project, 'a.ts'), 'export const a = 1;\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: project });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'begin');
  return { home, project, env: { HOME: home, POPSTASH_DATA_DIR: createDataFolder() } };
}

/**
 * The command of a client, for a trial.
 * @param skip ends the test with a sentence: outside of trials, and where the client can't be installed
 */
export async function useClient(skip: (note: string) => never, client: ClientPackage): Promise<string> {
  if (!isFullTrial) skip('real clients run in the trials only');
  const installed = await installClient(client);
  return 'missing' in installed ? skip(installed.missing) : installed.command;
}

/** What `popstash costs --json` prints, as far as trials look at it. */
export interface Costs {
  rows: CostsRow[];
  total: CostsRow;
  coverage: { sessions: number; with_evidence: number; reported_only: number; missing: number };
}

export interface CostsRow {
  key: string | null;
  requests: number;
  tokens: Record<'input' | 'output' | 'reasoning' | 'cache_read' | 'cache_write_5m' | 'cache_write_1h', number>;
  cost_usd: string | null;
  unpriced: number;
  grades: Record<string, { requests: number; cost_usd: string | null }>;
}

export async function readCosts({ env, project }: UserMachine, ...args: string[]): Promise<Costs> {
  const { code, stdout, stderr } = await runCommand(['costs', '--json', ...args], { env, cwd: project });
  if (code !== 0) throw new Error(`popstash costs: ${stderr}`);
  return JSON.parse(stdout) as Costs;
}

/** The costs once so many requests are known: nobody asks for a scan. */
export function untilRequests(machine: UserMachine, requests: number, ...args: string[]): Promise<Costs> {
  return waitUntil(
    async () => {
      const costs = await readCosts(machine, ...args);
      if (costs.total.requests !== requests) throw new Error(`${costs.total.requests} requests are known`);
      return costs;
    },
    `${requests} requests in the ledger`,
    { timeoutMs: 90_000, intervalMs: 1_000 },
  );
}
