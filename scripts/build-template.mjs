// Makes dist/embedded-template: a migrated, empty database in one archive, which a first start unpacks in a moment instead of
// making a database in 5 to 10 s. Runs after build.mjs, from the same sources.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { create } from 'tar';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const template = join(root, 'dist', 'embedded-template');
const work = join(root, 'dist', `.template-${process.pid}`);
/** The same inputs make the same folder: a build without changes keeps the one that is there. */
const key = hashInputs();

if (readKey() !== key) {
  const started = Date.now();
  try {
    await makeTemplate();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  console.log(`dist/embedded-template made in ${Date.now() - started} ms`);
}

async function makeTemplate() {
  const outfile = join(work, 'build-database.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/app/storage/build-database.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const { buildDatabase } = await import(pathToFileURL(outfile).href);
  const made = join(work, 'embedded-template');
  mkdirSync(made, { recursive: true });
  const database = join(work, 'database');
  await buildDatabase(database, root);
  await create({ file: join(made, 'database.tar.gz'), cwd: database, gzip: { level: 9 }, portable: true }, ['.']);
  const postgresVersion = Number.parseInt(readFileSync(join(database, 'PG_VERSION'), 'utf8'), 10);
  writeFileSync(join(made, 'manifest.json'), `${JSON.stringify({ key, postgresVersion })}\n`);
  rmSync(template, { recursive: true, force: true });
  renameSync(made, template);
}

function readKey() {
  try {
    return JSON.parse(readFileSync(join(template, 'manifest.json'), 'utf8')).key;
  } catch {
    return null;
  }
}

function hashInputs() {
  const hash = createHash('sha256');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of ['@electric-sql/pglite', '@electric-sql/pglite-pgvector', 'bullmq'])
    hash.update(dependencies[name]);
  const migrations = join(root, 'prisma', 'migrations');
  const files = readdirSync(migrations, { recursive: true }).filter((name) => name.endsWith('.sql'));
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(migrations, name)));
  for (const name of [
    'scripts/build-template.mjs',
    'src/app/storage/build-database.ts',
    'src/app/storage/migrate-embedded.ts',
    'src/db/pglite/pglite-backend.ts',
    'src/memory/passage-index/change-log.ts',
  ])
    hash.update(readFileSync(join(root, name)));
  return hash.digest('hex');
}
