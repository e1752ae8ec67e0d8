// @ts-check
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** @typedef {import('./list-rivals.mjs').Rival} Rival */
/** @typedef {import('./connect.mjs').Connected} Connected */
/** @typedef {Rival & { locks: NonNullable<Rival['locks']> }} LockRival */

const PAIRS = 200;
const CONTENDERS = 8;
const CONTEST_MS = 10_000;
/** Of one that has no queue, between two attempts, in ms. */
const ASK_AGAIN_MS = 5;
/** After kill -9 of a holder, in ms: nobody waits for longer. */
const MAX_WAIT_MS = 60_000;
const FILE = 'src/contested.ts';
/** What one agent holds, what another asks for, and whether a file can be both. */
const OVERLAPS = /** @type {const} */ ([
  ['notes', 'notes/a.md', true],
  ['notes/**', 'notes/a.md', true],
  ['notes/{a,b}.md', 'notes/a.md', true],
  ['**/*.ts', 'src/**', true],
  ['src/*.ts', 'src/a.*', true],
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/a/b.ts', false],
  ['notes/**', 'src/notes/a.md', false],
  ['src/a.ts', 'src/a.tsx', false],
]);

/**
 * What holds of locks of one server, each in a store of its own.
 * @param {LockRival} rival
 * @param {string} folder
 * @returns {Promise<Record<string, string | number>>}
 */
export async function measureLocks(rival, folder) {
  /** @template T @param {string} name @param {(open: (agent: string) => Promise<Connected>) => Promise<T>} measure */
  const inStore = async (name, measure) => {
    const store = join(folder, name);
    // Folders are there: an agent locks what it sees.
    for (const name of ['home', 'project/notes', 'project/src']) mkdirSync(join(store, name), { recursive: true });
    const connectAgent = await rival.open(store);
    /** @type {Connected[]} */
    const clients = [];
    try {
      return await measure(async (agent) => {
        const client = await connectAgent(agent);
        clients.push(client);
        return client;
      });
    } finally {
      for (const client of clients) await client.close().catch(() => undefined);
      await rival.end?.(store);
    }
  };
  const contest = await inStore('contest', (open) => contend(rival, open));
  return {
    'acquire + release, p50 ms': await inStore('pairs', (open) => timePairs(rival, open)),
    [`grants to ${CONTENDERS} contenders in ${CONTEST_MS / 1000} s`]: contest.grants,
    'of them while another still held it': contest.doubles,
    'overlaps of globs seen': await inStore('globs', (open) => countOverlaps(rival, open)),
    'free again after kill -9 of the holder, s': await inStore('kill', (open) => timeKill(rival, open)),
  };
}

/** @param {LockRival} rival @param {(agent: string) => Promise<Connected>} open */
async function timePairs({ locks }, open) {
  const client = await open('first');
  const times = [];
  for (let round = -20; round < PAIRS; round += 1) {
    const start = performance.now();
    if (!(await locks.ask(client, [FILE]))) throw new Error('a free file was not granted');
    await locks.release(client, [FILE]);
    if (round >= 0) times.push(performance.now() - start);
  }
  return Number((times.sort((a, b) => a - b)[PAIRS / 2] ?? Number.NaN).toPrecision(3));
}

/**
 * Each knows from when until when it held the file, by one clock: from the answer to the grant until it gives it back.
 * @param {LockRival} rival @param {(agent: string) => Promise<Connected>} open
 */
async function contend({ locks }, open) {
  const clients = await Promise.all(Array.from({ length: CONTENDERS }, (_, index) => open(`contender-${index}`)));
  // Each has called once before the time begins: a store may still be opening.
  for (const client of clients) {
    await locks.ask(client, ['src/before.ts']);
    await locks.release(client, ['src/before.ts']);
  }
  /** @type {{ from: number, until: number }[]} */
  const held = [];
  const end = performance.now() + CONTEST_MS;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        const isGranted = locks.wait
          ? await locks.wait(client, [FILE], 10)
          : await locks.ask(client, [FILE]).catch(() => false);
        if (!isGranted) {
          await pause(ASK_AGAIN_MS);
          continue;
        }
        const from = performance.now();
        await pause(1);
        held.push({ from, until: performance.now() });
        await locks.release(client, [FILE]);
      }
    }),
  );
  held.sort((a, b) => a.from - b.from);
  let latest = 0;
  let doubles = 0;
  for (const { from, until } of held) {
    if (from < latest) doubles += 1;
    latest = Math.max(latest, until);
  }
  return { grants: held.length, doubles };
}

/** @param {LockRival} rival @param {(agent: string) => Promise<Connected>} open */
async function countOverlaps({ locks }, open) {
  const [holder, other] = [await open('holder'), await open('other')];
  let right = 0;
  for (const [held, asked, isOverlap] of OVERLAPS) {
    if (!(await locks.ask(holder, [held]))) continue;
    const isGranted = await locks.ask(other, [asked]).catch(() => false);
    if (isGranted !== isOverlap) right += 1;
    if (isGranted) await locks.release(other, [asked]);
    await locks.release(holder, [held]);
  }
  return `${right} of ${OVERLAPS.length}`;
}

/** @param {LockRival} rival @param {(agent: string) => Promise<Connected>} open */
async function timeKill({ locks }, open) {
  const [holder, other] = [await open('holder'), await open('other')];
  if (!(await locks.ask(holder, [FILE]))) throw new Error('a free file was not granted');
  await holder.kill();
  const start = performance.now();
  while (performance.now() - start < MAX_WAIT_MS) {
    if (await locks.ask(other, [FILE]).catch(() => false))
      return Number(((performance.now() - start) / 1000).toPrecision(2));
    await pause(50);
  }
  return `not within ${MAX_WAIT_MS / 1000}`;
}
