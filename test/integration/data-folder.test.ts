// The lock that decides who owns a data folder, between real processes: one at a time, free at any death.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { takeDataFolder } from '../../src/data-folder/lock-folder.js';
import { createFolder } from '../support/setup/folders.js';
import { closeAtFileEnd } from '../support/setup/resources.js';
import { trialCount } from '../support/setup/trial.js';

const root = join(import.meta.dirname, '..', '..');
/** Says whether it owns the folder, and keeps it until it is killed. */
const CONTENDER = `
  import { takeDataFolder } from './src/data-folder/lock-folder.ts';
  const folder = takeDataFolder(process.argv[2]);
  process.stdout.write(folder ? 'owner' : 'other');
  setInterval(() => folder, 1_000_000);
`;
let script: string;

beforeAll(async () => {
  // Below node_modules, so that the native package resolves.
  script = join(root, 'node_modules', '.cache', `data-folder-${process.pid}.mjs`);
  const stdin = { contents: CONTENDER, resolveDir: root };
  await build({ stdin, outfile: script, bundle: true, format: 'esm', platform: 'node', packages: 'external' });
  await stop();
});

async function contend(folder: string): Promise<{ child: ChildProcess; isOwner: boolean }> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  closeAtFileEnd('contender', () => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  return { child, isOwner: String(said) === 'owner' };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

test('of processes that race for a folder one owns it, and its death frees it', async () => {
  const folder = createFolder();
  for (let round = 0; round < trialCount(5, 100); round += 1) {
    const contenders = await Promise.all([contend(folder), contend(folder), contend(folder)]);
    expect(contenders.filter(({ isOwner }) => isOwner)).toHaveLength(1);
    expect(takeDataFolder(folder)).toBeNull();
    await Promise.all(contenders.map(({ child }) => end(child, round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')));
  }
  const mine = takeDataFolder(folder);
  expect(mine).not.toBeNull();
  expect(takeDataFolder(folder), 'a second one in the same process').toBeNull();
  mine?.release();
  const again = takeDataFolder(folder);
  expect(again).not.toBeNull();
  again?.release();
});
