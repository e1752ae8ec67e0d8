// @ts-check
// npm run compare [-- NAME…]: the figures of docs/comparison.md. Installs other servers of the same kind into a
// cache, starts each as its documents say, and asks all of them the same: locks, and memory on two sets that
// bench/make-retrieval-sets.mjs makes. Needs a build, npm, Python 3 and the registries of both.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rivals } from './rivals/list-rivals.mjs';
import { measureLocks } from './rivals/measure-locks.mjs';
import { measureMemory, readSet } from './rivals/measure-memory.mjs';
import { root } from './run-vitest.mjs';

const SETS = ['options', 'identifiers'];

const wanted = process.argv.slice(2);
const chosen = rivals.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) {
  console.error(`no such server: ${wanted.join(', ')}; there are ${rivals.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const work = mkdtempSync(join(tmpdir(), 'popstash-rivals-'));
try {
  execFileSync(process.execPath, ['bench/make-retrieval-sets.mjs', join(work, 'sets')], { cwd: root, stdio: 'ignore' });
  const sets = Object.fromEntries(SETS.map((name) => [name, readSet(join(work, 'sets', name))]));
  for (const [name, { documents, queries }] of Object.entries(sets)) {
    console.log(`${name}: ${documents.size} texts, ${queries.length} questions`);
  }
  /** @type {Record<'locks' | 'memory', Record<string, Record<string, string | number>>>} */
  const tables = { locks: {}, memory: {} };
  for (const rival of chosen) {
    const { name, version, locks, memory } = rival;
    console.log(`${name} ${version}, load average ${loadavg()[0]?.toFixed(1)}`);
    const folder = join(work, name.replace('/', '+'));
    if (locks) tables.locks[`${name} ${version}`] = await measureLocks({ ...rival, locks }, join(folder, 'locks'));
    if (memory)
      tables.memory[`${name} ${version}`] = await measureMemory({ ...rival, memory }, join(folder, 'memory'), sets);
  }
  for (const rows of Object.values(tables)) printTable(rows);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** A column for each server. @param {Record<string, Record<string, string | number>>} columns */
function printTable(columns) {
  const names = Object.keys(columns);
  if (names.length === 0) return;
  const figures = [...new Set(Object.values(columns).flatMap((column) => Object.keys(column)))];
  console.log(`\n| | ${names.join(' | ')} |\n|---|${names.map(() => '---').join('|')}|`);
  for (const figure of figures)
    console.log(`| ${figure} | ${names.map((name) => columns[name]?.[figure]).join(' | ')} |`);
}
