import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { childEnvironment, type EnvironmentChange } from '../setup/environment.js';
import { createFolder, MAIN } from '../setup/folders.js';
import { runToEnd } from './run-to-end.js';

/** A set-up in which something is wrong, a command that is run in it, and what it must say. */
export interface BrokenSetUp {
  args: readonly string[];
  env?: EnvironmentChange;
  /** 1 unless it says otherwise. */
  code?: number;
  /** On stderr; on stdout where the command answers. */
  says: RegExp;
  isAnswer?: boolean;
  cwd?: string;
  input?: string;
  /** Flags of Node. */
  node?: readonly string[];
}

/** Of what is said to programmers. */
const RAW = /^\s+at |node:internal|\.(m?js|ts|cjs):\d+|(?<!")\[object Object\]|uncaught|unhandled/im;
/** What is wrong, what was meant perhaps, and what to do. */
const MAX_LINES = 3;
/** No command may hang, in ms: the slowest of these ends within a third of it on a machine without other work. */
const HANG_MS = 25_000;

/** Marks all processes of this file, also those that outlive their parents. */
const MARK = `PS_BROKEN_SET_UP=${randomUUID()}`;

/** Runs the command: it ends with its code, and says in one line what is wrong and in another one what to do. */
export async function expectPlainWords(setUp: BrokenSetUp): Promise<void> {
  const { args, env = {}, code = 1, says, isAnswer = false, input = '', node = [] } = setUp;
  const [name = '', value = ''] = MARK.split('=');
  const home = createFolder('ps-home-');
  const variables = childEnvironment({ HOME: home, POPSTASH_DATA_DIR: undefined, [name]: value, ...env });
  const ended = await runToEnd(process.execPath, [...node, MAIN, ...args], {
    cwd: setUp.cwd ?? home,
    env: variables,
    input,
    timeoutMs: HANG_MS,
  });
  expect({ ...ended, isRaw: RAW.test(`${ended.stdout}${ended.stderr}`) }).toMatchObject({
    code,
    isRaw: false,
    [isAnswer ? 'stdout' : 'stderr']: expect.stringMatching(says),
    ...(isAnswer ? {} : { stdout: '' }),
  });
  expect(ended.stderr.trimEnd().split('\n').length, ended.stderr).toBeLessThanOrEqual(MAX_LINES);
}

/** Processes of these set-ups that are there still. */
export function listLeftProcesses(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(MARK)) return [];
        return [`${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
      } catch {
        // Another user's, or gone meanwhile.
        return [];
      }
    });
}
