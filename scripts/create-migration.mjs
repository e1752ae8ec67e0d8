// @ts-check
// npm run migration:new -- NAME           a new migration with every function and view of prisma/functions whose definition
//                                         differs from what the migrations so far leave; tables are written by hand, above
// npm run migration:new -- NAME --again   the functions of that migration once more, after its tables or a function changed;
//                                         for one that is not released yet
// A function on a table that is new in the same migration: create the migration, write the table, then the function's file,
// then --again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTIONS_MARKER, readFunctionFiles } from './migrations/function-files.mjs';
import { listDefinitions, listFileDefinitions } from './migrations/list-definitions.mjs';
import { openScratchDatabase, readMigrations } from './migrations/scratch-database.mjs';

/** @typedef {import('./migrations/list-definitions.mjs').Definition} Definition */

/** npm runs scripts in the folder of package.json. */
const root = process.cwd();
const name = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const again = process.argv.includes('--again');
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('npm run migration:new -- NAME [--again], NAME in lower case with underscores');
  process.exit(1);
}

const migrations = readMigrations(root);
const known = migrations.find((migration) => migration.name === name || migration.name.endsWith(`_${name}`));
if (Boolean(known) !== again) {
  console.error(
    again ? `There is no migration ${name}.` : `${known?.name} is there already; --again writes its functions.`,
  );
  process.exit(1);
}
if (known && known !== migrations.at(-1)) {
  console.error(`${known.name} is not the last migration: later ones rest on its functions.`);
  process.exit(1);
}

const folder = known?.name ?? `${timestamp()}_${name}`;
const tables = known ? (known.sql.split(FUNCTIONS_MARKER)[0] ?? '') : '-- What this migration is for.\n\n';
const { before, after } = await compare();
const { drops, creates } = describeChanges(before, after);
const changes = [...(drops.length > 0 ? [drops.join('\n')] : []), ...creates];
mkdirSync(join(root, 'prisma', 'migrations', folder), { recursive: true });
writeFileSync(
  join(root, 'prisma', 'migrations', folder, 'migration.sql'),
  changes.length > 0 ? `${tables.trimEnd()}\n\n${FUNCTIONS_MARKER}\n\n${changes.join('\n\n')}\n` : tables,
);
console.log(
  `prisma/migrations/${folder}/migration.sql: ${drops.length + creates.length} statements for functions and views`,
);
console.log('Then: npm run schema:dump');

/** What the migrations leave, with the tables of this one, and what the files say. */
async function compare() {
  const database = await openScratchDatabase();
  try {
    for (const { sql } of migrations.filter((migration) => migration !== known)) await database.query(sql);
    await database.query(tables);
    return { before: await listDefinitions(database.query), after: await listFileDefinitions(database.query, root) };
  } finally {
    await database.close();
  }
}

/**
 * @param {Definition[]} before
 * @param {Definition[]} after
 * @returns {{ drops: string[], creates: string[] }} statements in the order in which they can be applied
 */
function describeChanges(before, after) {
  const kept = (/** @type {Definition} */ old) =>
    after.some((now) => now.name === old.name && now.kind === old.kind && now.contract === old.contract);
  const dropped = before.filter((old) => !kept(old));
  const drops = dropped
    .sort((a, b) => b.kind.localeCompare(a.kind))
    .map(({ kind, name, signature }) =>
      kind === 'view' ? `DROP VIEW ${name};` : `DROP FUNCTION ${name}(${signature});`,
    );
  const changed = after.filter((now) => !before.some((old) => old.name === now.name && old.text === now.text));
  const names = new Set(changed.map((definition) => definition.name));
  const creates = readFunctionFiles(root).filter((file) => names.has(file.name));
  return { drops, creates: creates.map(({ sql }) => sql) };
}

function timestamp() {
  return new Date().toISOString().replace(/\D/g, '').slice(0, 14);
}
