// @ts-check
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** @typedef {import('./list-rivals.mjs').Rival} Rival */
/** @typedef {Rival & { memory: NonNullable<Rival['memory']> }} MemoryRival */

/** Of each of two servers that write to one store at once. */
const WRITES = 100;
/** Bounds a hang, in ms. */
const READY_MS = 600_000;

/**
 * @typedef {object} RetrievalSet in BEIR form
 * @property {Map<string, string>} documents
 * @property {{ text: string, relevant: Set<string> }[]} queries
 */

/** @param {string} folder @returns {RetrievalSet} */
export function readSet(folder) {
  const lines = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
  const records = (/** @type {string} */ name) => lines(name).map((line) => JSON.parse(line));
  /** @type {Map<string, Set<string>>} */
  const relevant = new Map();
  for (const line of lines('qrels.tsv').slice(1)) {
    const [query = '', document = '', score = ''] = line.split('\t');
    if (Number(score) > 0) relevant.set(query, (relevant.get(query) ?? new Set()).add(document));
  }
  return {
    documents: new Map(records('corpus.jsonl').map(({ _id, text }) => [_id, text])),
    queries: records('queries.jsonl')
      .filter(({ _id }) => relevant.has(_id))
      .map(({ _id, text }) => ({ text, relevant: relevant.get(_id) ?? new Set() })),
  };
}

/**
 * @param {MemoryRival} rival
 * @param {string} folder
 * @param {Record<string, RetrievalSet>} sets
 * @returns {Promise<Record<string, string | number>>}
 */
export async function measureMemory(rival, folder, sets) {
  /** @type {Record<string, string | number>} */
  const row = {};
  for (const [name, set] of Object.entries(sets))
    Object.assign(row, await measureSearch(rival, join(folder, name), name, set));
  row[`kept of ${2 * WRITES} writes that two clients made at once`] = await countKept(rival, join(folder, 'two'));
  return row;
}

/** @param {MemoryRival} rival @param {string} folder @param {string} name @param {RetrievalSet} set */
async function measureSearch({ memory, open, end }, folder, name, { documents, queries }) {
  for (const name of ['home', 'project']) mkdirSync(join(folder, name), { recursive: true });
  const connectAgent = await open(folder);
  const client = await connectAgent('first');
  try {
    for (const [id, text] of documents) await memory.write(client, id, text);
    for (const deadline = Date.now() + READY_MS; memory.isReady && !(await memory.isReady(folder)); ) {
      if (Date.now() > deadline) throw new Error('what was written is not ready to be found');
      await pause(500);
    }
    const hits = { 1: 0, 5: 0 };
    const times = [];
    for (const { text, relevant } of queries) {
      const start = performance.now();
      const found = await memory.search(client, text);
      times.push(performance.now() - start);
      for (const count of /** @type {const} */ ([1, 5])) {
        if (found.slice(0, count).some((id) => relevant.has(id))) hits[count] += 1;
      }
    }
    const share = (/** @type {number} */ count) => (count / queries.length).toFixed(2);
    times.sort((a, b) => a - b);
    return {
      [`${name}: first hit right`]: share(hits[1]),
      [`${name}: among five`]: share(hits[5]),
      [`${name}: search, p50 ms`]: Number((times[Math.floor(times.length / 2)] ?? Number.NaN).toPrecision(2)),
    };
  } finally {
    await client.close();
    await end?.(folder);
  }
}

/** @param {MemoryRival} rival @param {string} folder */
async function countKept({ memory, open, end }, folder) {
  for (const name of ['home', 'project']) mkdirSync(join(folder, name), { recursive: true });
  const connectAgent = await open(folder);
  const clients = [await connectAgent('first'), await connectAgent('second')];
  const word = (/** @type {number} */ who, /** @type {number} */ index) => `note${who}x${index}y`;
  try {
    await Promise.all(
      clients.map(async (client, who) => {
        for (let index = 0; index < WRITES; index += 1) {
          // What is refused is not kept.
          await memory.write(client, word(who, index), `${word(who, index)} is kept`).catch(() => undefined);
        }
      }),
    );
    const [reader] = clients;
    let kept = 0;
    for (const who of clients.keys()) {
      for (let index = 0; index < WRITES; index += 1) {
        const found = reader ? await memory.search(reader, word(who, index)) : [];
        if (found.includes(word(who, index))) kept += 1;
      }
    }
    return kept;
  } finally {
    for (const client of clients) await client.close();
    await end?.(folder);
  }
}
