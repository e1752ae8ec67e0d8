// @ts-check
// npm run sql:embedded [-- 'SELECT …']: SQL in the embedded database of POPSTASH_DATA_DIR (default: the user's own), like
// psql: the statement's rows, or a prompt without one. The local server must not run: a data folder has one owner.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './bundle.mjs';

const LIST_TABLES = `SELECT table_schema, table_name FROM information_schema.tables
  WHERE table_schema IN ('public', 'bullmq') ORDER BY 1, 2;`;

const { chooseDataDir, openPglite, PglitePool, takeDataFolder } = await loadProduct();
const dataDir = chooseDataDir(process.env);
const folder = join(dataDir, 'database');
if (!existsSync(folder)) end(`There is no embedded database in ${dataDir}.`);
const owned = takeDataFolder(dataDir);
if (!owned) end(`The local server has ${dataDir} open. Stop it first: popstash down`);

const database = await openPglite(folder);
const pool = new PglitePool(Promise.resolve(database));
try {
  const [statement] = process.argv.slice(2);
  if (statement === undefined) await prompt();
  else if (!(await show(statement))) process.exitCode = 1;
} finally {
  await pool.end();
  await database.close();
  owned.release();
}

async function prompt() {
  const isTerminal = process.stdin.isTTY === true;
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal: isTerminal });
  if (isTerminal) console.error(`${folder}. A statement ends with a semicolon. \\d lists the tables, \\q ends.`);
  input.setPrompt('popstash=> ');
  if (isTerminal) input.prompt();
  let text = '';
  for await (const line of input) {
    if (line.trim() === '\\q') break;
    text = line.trim() === '\\d' ? LIST_TABLES : `${text}${line}\n`;
    if (text.trimEnd().endsWith(';')) {
      await show(text);
      text = '';
    }
    if (isTerminal) input.prompt();
  }
  if (text.trim() !== '') await show(text);
  input.close();
}

/**
 * Prints the rows, or the error.
 * @param {string} statement
 * @returns {Promise<boolean>} false after an error
 */
async function show(statement) {
  try {
    const answer = await pool.query(statement);
    for (const { rows, command, rowCount } of [answer].flat()) {
      if (rows.length > 0) console.table(rows);
      else console.log(`${command} ${rowCount ?? 0}`);
    }
    return true;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return false;
  }
}

/** The product's own way to open a data folder, from the sources. */
async function loadProduct() {
  const cache = join(root, 'node_modules', '.cache', 'popstash');
  mkdirSync(cache, { recursive: true });
  const outfile = join(cache, `embedded-sql-${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    stdin: {
      resolveDir: root,
      contents: `export { chooseDataDir } from './src/config.ts';
export { takeDataFolder } from './src/data-folder/lock-folder.ts';
export { openPglite } from './src/db/pglite/pglite-backend.ts';
export { PglitePool } from './src/db/pglite/pglite-pool.ts';`,
    },
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function end(message) {
  console.error(message);
  process.exit(1);
}
