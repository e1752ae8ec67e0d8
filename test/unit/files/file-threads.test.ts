import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { defineFileTask } from '../../../src/files/file-task.js';
import { createFileThreads, type FileThreads } from '../../../src/files/file-threads.js';
import { buildScript } from '../../support/setup/build-script.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const THREAD = join(import.meta.dirname, '..', '..', 'support', 'files', 'waiting-thread.mjs');
const top = mkdtempSync(join(tmpdir(), 'ps-threads-'));
const opened: FileThreads[] = [];
const pipes: string[] = [];
/** Whoever waits for a pipe goes on, so that its thread can end. */
const answer = (pipe: string) => execFileSync('sh', ['-c', `exec 3<>"${pipe}"`]);
afterEach(() => {
  for (const pipe of pipes.splice(0)) answer(pipe);
  for (const threads of opened.splice(0)) threads.close();
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

// The thread of these tests does the work: what is given here is never called.
const here = (): never => {
  throw new Error('work was done in the thread that serves all');
};
const nameTask = defineFileTask('name', here as (folder: string) => string);
/** Both are done by opening a pipe; a busy machine starts a thread well within the longer one. */
const waitTask = defineFileTask('wait', here as (folder: string) => boolean, { maxMs: 500 });
const waitLongerTask = defineFileTask('wait', here as (folder: string) => boolean, { maxMs: 2_500 });
const readTask = defineFileTask('read', here as (folder: string, path: string) => string);
const pauseTask = defineFileTask('pause', here as (folder: string, ms: number) => string, { maxMs: 5_000 });

function open(): { threads: FileThreads; stuck: string[] } {
  const stuck: string[] = [];
  const threads = createFileThreads({ threadFile: THREAD, onStuck: (folder) => stuck.push(folder) });
  opened.push(threads);
  return { threads, stuck };
}

/** A folder whose files do not answer. */
function createSilentFolder(name: string): { folder: string; pipe: string } {
  const folder = join(top, name);
  mkdirSync(folder);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  pipes.push(pipe);
  return { folder, pipe };
}

async function timeOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

test('work is done by a thread, and its errors keep their codes', async () => {
  const { threads } = open();
  writeFileSync(join(top, 'file'), 'text');
  expect(await threads.run(readTask, top, join(top, 'file'))).toBe('text');
  await expect(threads.run(readTask, top, join(top, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('files that never answer hold up whoever asked for them, and nobody else', async () => {
  const { threads, stuck } = open();
  await threads.run(nameTask, top);
  const { folder, pipe } = createSilentFolder('silent');
  const asked = threads.run(waitLongerTask, folder).catch((error: unknown) => error);
  const others = await Promise.all(Array.from({ length: 20 }, (_, index) => timeOf(threads.run(nameTask, `${index}`))));
  expect(Math.max(...others)).toBeLessThan(2_000);
  expect(await asked).toMatchObject({ code: 'timeout', retryable: true, message: expect.stringContaining(folder) });
  expect(stuck).toEqual([folder]);
  // No further thread goes there, and the refusal comes at once.
  const again = await timeOf(threads.run(waitTask, folder).catch(() => undefined));
  expect(again).toBeLessThan(400);
  expect(await threads.run(nameTask, 'elsewhere')).toBe('elsewhere');
  answer(pipe);
  await waitUntil(
    () => threads.run(nameTask, folder).catch(() => null),
    'the folder to be asked again once it answers',
  );
});

test('what waits behind an answer that never comes is refused with it, when it is about the same folder', async () => {
  const { threads, stuck } = open();
  const { folder } = createSilentFolder('same');
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => threads.run(waitTask, folder)));
  expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
  expect(stuck.length).toBeLessThanOrEqual(2);
});

test('however many folders do not answer, the number of threads is bounded, and then all is refused, not waited for', async () => {
  const { threads, stuck } = open();
  const folders = Array.from({ length: 12 }, (_, index) => createSilentFolder(`many-${index}`).folder);
  const outcomes = await Promise.allSettled(folders.map((folder) => threads.run(waitTask, folder)));
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  // Four that work and eight that are given up.
  expect(stuck.length).toBeLessThanOrEqual(12);
  expect(await timeOf(threads.run(nameTask, 'elsewhere').catch(() => undefined))).toBeLessThan(2_000);
});

test('long work leaves threads free for short work', async () => {
  const { threads } = open();
  const long = Array.from({ length: 3 }, () => threads.run(pauseTask, top, 1_000));
  const short = Array.from({ length: 20 }, () => timeOf(threads.run(nameTask, top)));
  expect(Math.max(...(await Promise.all(short)))).toBeLessThan(900);
  await Promise.all(long);
});

test('a process whose thread never gets an answer can end', async () => {
  const { folder } = createSilentFolder('ending');
  const script = await buildScript('files/end-with-stuck-thread.ts');
  const ended = spawnSync(process.execPath, [script, THREAD, folder], { timeout: 10_000, killSignal: 'SIGTERM' });
  expect(ended.error).toBeUndefined();
});
