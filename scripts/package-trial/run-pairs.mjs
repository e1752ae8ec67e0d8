// @ts-check
// Started by package-trial.mjs, in a network of its own: WORK TOOLS.
import { join } from 'node:path';
import { startRegistry } from './registry.mjs';
import { tryOldNodes } from './try-old-nodes.mjs';
import { tryPair } from './try-pair.mjs';

const [work = '', tools = '{}'] = process.argv.slice(2);
/** @type {import('./prepare-tools.mjs').Tools} */
const prepared = JSON.parse(tools);

const registry = await startRegistry(prepared, join(work, 'release'), join(work, 'registry'));
const rows = [];
/** @type {Record<string, string>[]} */
let oldRows = [];
try {
  // What the registry reads for the first time takes longer: that is its warm-up, and not counted.
  const [first] = prepared.pairs;
  if (first) await tryPair(first, registry.url, join(work, 'warm-up'));
  oldRows = tryOldNodes(prepared.oldNodes, join(work, 'warm-up', 'project', 'node_modules', 'popstash'));
  for (const pair of prepared.pairs) {
    const row = await tryPair(pair, registry.url, join(work, pair.name)).catch((/** @type {Error} */ error) => {
      console.error(error);
      process.exitCode = 1;
      return { npm: pair.npm, node: pair.node, failed: (error.message.split('\n')[0] ?? '').slice(0, 120) };
    });
    rows.push(row);
    console.log(JSON.stringify(row));
  }
} finally {
  registry.end();
}
printTable(rows);
printTable(oldRows);

/** @param {readonly Record<string, unknown>[]} rows */
function printTable(rows) {
  const columns = Object.keys(Object.assign({}, ...rows));
  const lines = [
    columns,
    columns.map(() => '---'),
    ...rows.map((row) => columns.map((name) => String(row[name] ?? ''))),
  ];
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
}
