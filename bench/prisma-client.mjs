// @ts-check
// node bench/prisma-client.mjs: what Prisma Client at run time would cost against plain pg, the ground of
// docs/decisions/prisma-at-run-time.md. Needs `npm ci` and what the tests need; takes about a minute.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import pg from 'pg';
import { generateClient } from '../scripts/generate-client.mjs';
import { startSupervised } from '../scripts/services/start-supervised.mjs';
import { interleave, median, percentile, report } from './support/report.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules', '.cache');
const bundle = join(cache, 'prisma-client.mjs');
const pgBundle = join(cache, 'pg-only.mjs');
const ROUNDS = 1000;

generateClient();
await bundleExports(
  `export { PrismaClient } from './src/generated/prisma/client.ts'; export { PrismaPg } from '@prisma/adapter-pg';`,
  bundle,
);
await bundleExports(`export { default } from 'pg';`, pgBundle);

const services = await startSupervised({ durable: true });
try {
  await applyMigrations(services.databaseUrl);
  await measureStart(services.databaseUrl);
  await measureStatements(services.databaseUrl);
} finally {
  await services.stop();
}

/**
 * Import, connect and one SELECT in a process of its own, both bundled alike: time and memory.
 * @param {string} url
 */
async function measureStart(url) {
  const programs = {
    node: '0',
    pg: `const { default: pg } = await import(${quote(pgBundle)}); const pool = new pg.Pool({ connectionString: ${quoteText(url)} });
      await pool.query('SELECT 1');`,
    prisma: `const { PrismaClient, PrismaPg } = await import(${quote(bundle)});
      const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: ${quoteText(url)} }) }); await prisma.$queryRaw\`SELECT 1\`;`,
  };
  /** @type {Record<string, number[]>} */
  const memory = { node: [], pg: [], prisma: [] };
  const sides = Object.entries(programs).map(([name, program]) => {
    const code = `${program}; process.stdout.write(String(process.memoryUsage().rss)); process.exit(0);`;
    const round = async () => {
      const rss = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
      memory[name]?.push(Number(rss) / 2 ** 20);
    };
    return /** @type {const} */ ([name, round]);
  });
  const times = await interleave(Object.fromEntries(sides), 15);
  for (const name of ['node', 'pg', 'prisma']) {
    report(`start to first row, ${name}, ms`, median(times[name] ?? []), '-');
    report(`RSS then, ${name}, MB`, Math.round(median(memory[name] ?? [])), '-');
  }
}

/** @param {string} url */
async function measureStatements(url) {
  const { PrismaClient, PrismaPg } = await import(pathToFileURL(bundle).href);
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  let count = 0;
  const next = () => `insight_${++count}`;
  const content = 'parseConfig reads DATABASE_URL once, in src/config.ts; every other file gets typed values. '.repeat(
    4,
  );

  await compare('create one row', {
    pg: () =>
      pool.query({
        name: 'one',
        text: 'INSERT INTO insights (id, project_id, version, content) VALUES ($1, $2, 1, $3)',
        values: [next(), 'p', content],
      }),
    prisma: () => prisma.insight.create({ data: { id: next(), project_id: 'p', version: 1, content } }),
  });

  const text = `WITH written AS (
      INSERT INTO insights (id, project_id, version, content) VALUES ($1, $2, 1, $3) RETURNING id, key, content, tags
    ), passage AS (
      INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count)
      SELECT $2, 'insight', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count
      FROM written w, cut_passages(insight_search_text(w.key, w.content, w.tags)) c RETURNING id
    ), logged AS (
      INSERT INTO activities (project_id, type, subject) VALUES ($2, 'insight', $1)
    ) SELECT id::text FROM passage`;
  await compare('one statement that writes memory, passages, activity', {
    pg: () => pool.query({ name: 'whole', text, values: [next(), 'p', content] }),
    prisma: () => prisma.$queryRawUnsafe(text, next(), 'p', content),
  });
  await prisma.$disconnect();
  await pool.end();
}

/**
 * @param {string} what
 * @param {{ pg: () => Promise<unknown>, prisma: () => Promise<unknown> }} sides
 */
async function compare(what, sides) {
  // The first hundred warm both up.
  const times = await interleave(sides, ROUNDS);
  const [plain, prisma] = [times.pg?.slice(100) ?? [], times.prisma?.slice(100) ?? []];
  report(`${what}: pg p50, ms`, median(plain), '-');
  report(`${what}: Prisma ÷ pg, p50`, median(prisma) / median(plain), '-');
  report(`${what}: Prisma ÷ pg, p99`, percentile(prisma, 0.99) / percentile(plain, 0.99), '-');
}

/** @param {string} url */
async function applyMigrations(url) {
  const env = { ...process.env, DATABASE_URL: url };
  execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'migrate', 'deploy'], {
    cwd: root,
    env,
    stdio: 'ignore',
  });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("INSERT INTO projects (id, root) VALUES ('p', 'bench')");
  await client.end();
}

/** @param {string} path */
function quote(path) {
  return JSON.stringify(pathToFileURL(path).href);
}

/** @param {string} text */
function quoteText(text) {
  return JSON.stringify(text);
}

/**
 * Bundles as the product is bundled, so that both sides start at their best.
 * @param {string} contents
 * @param {string} outfile
 */
async function bundleExports(contents, outfile) {
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['pg-native'],
    logLevel: 'warning',
  });
}
