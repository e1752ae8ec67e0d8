#!/usr/bin/env node
// Stands in for Prisma's schema engine, a binary that the CLI would download: the same engine, compiled to WebAssembly
// and published on npm (@prisma/schema-engine-wasm), behind the JSON-RPC that the CLI speaks over stdio.
// prisma.config.ts points the CLI here (PRISMA_SCHEMA_ENGINE_BINARY). For developers: the product itself never runs it.
//
// The CLI calls an engine in three ways:
//   engine --version
//   engine cli --datasource JSON can-connect-to-database | create-database      exit code 0 or 1, error as JSON on stderr
//   engine --datasource JSON --datamodels FILE …                                JSON-RPC, one message a line
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** PostgreSQL's "char" (one byte), and the bpchar that it is read as. */
const OID_CHAR = 18;
const OID_BPCHAR = 1042;
/** JSON-RPC code of a known Prisma error, as the engine itself uses it. */
const KNOWN_ERROR = 4466;
/** `print` requests of ours to the CLI are numbered from here, clear of the CLI's own ids. */
const PRINT_IDS_FROM = 9_000_000;

const argv = process.argv.slice(2);
const valuesOf = (flag) => argv.filter((_, index) => argv[index - 1] === flag);
const datasource = JSON.parse(valuesOf('--datasource')[0] ?? '{}');
const url = datasource.url ?? process.env.DATABASE_URL ?? '';

if (argv.includes('--version')) console.log('schema-engine-cli wasm');
else if (argv.includes('cli')) process.exitCode = await runCli(argv.includes('create-database'));
else await serve();
// The adapter's pools would keep the process.
process.exit();

async function runCli(create) {
  try {
    if (create) await execute(urlOf('postgres'), `CREATE DATABASE "${new URL(url).pathname.slice(1)}"`);
    else await execute(url, 'SELECT 1');
    return 0;
  } catch (error) {
    const { code, message } = error;
    // 3D000: the database does not exist (P1003); anything else: can't be reached (P1001).
    const fields = { error_code: code === '3D000' ? 'P1003' : 'P1001', message: message || code };
    console.error(`\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}`);
    return 1;
  }
}

async function serve() {
  readCharAsText();
  await loadEngine();
  const paths = valuesOf('--datamodels');
  const datamodels = paths.map((path) => [path, readFileSync(path, 'utf8')]);
  const options = { datamodels: datamodels.length > 0 ? datamodels : undefined };
  const engine = await glue.SchemaEngine.new(options, () => {}, adapterFactory());
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.method) await answer(engine, message);
  }
}

async function answer(engine, { id, method, params }) {
  try {
    let result = method === 'getDatabaseVersion' ? await engine.version() : await engine[method](params);
    if (method === 'diff' && result?.stdout != null) {
      // The binary asks the CLI to print a diff; the WebAssembly build returns it instead.
      send({ id: PRINT_IDS_FROM + id, method: 'print', params: { content: result.stdout } });
      result = { ...result, stdout: null };
    }
    send({ id, result: result ?? {} });
  } catch (error) {
    const { message, meta = null, code = null } = error;
    send({ id, error: { code: KNOWN_ERROR, message, data: { is_panic: false, message, meta, error_code: code } } });
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/** Instantiates the module by hand: Node imports .wasm files only behind a flag. */
async function loadEngine() {
  const script = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const wasm = readFileSync(script.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** adapter-pg rejects columns of type "char", which the engine's introspection reads from the catalogue. */
function readCharAsText() {
  const prototype = pg.Query.prototype;
  const original = prototype.handleRowDescription;
  prototype.handleRowDescription = function (/** @type {{ fields: { dataTypeID: number }[] }} */ message) {
    for (const field of message.fields) if (field.dataTypeID === OID_CHAR) field.dataTypeID = OID_BPCHAR;
    return original.call(this, message);
  };
}

function adapterFactory() {
  return bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connect(url),
    connectToShadowDb: async () => {
      const name = `prisma_migrate_shadow_db_${randomUUID()}`;
      await execute(url, `CREATE DATABASE "${name}"`);
      const adapter = await connect(urlOf(name));
      const dispose = adapter.dispose.bind(adapter);
      // The adapter's own clean-up drops the database before it has disconnected, which fails.
      adapter.dispose = async () => {
        await dispose();
        await execute(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      };
      return adapter;
    },
  });
}

async function connect(connectionString) {
  const adapter = await new PrismaPg({ connectionString }).connect();
  // The adapter's own version splits the script at each `;`, which breaks function bodies and is not atomic.
  adapter.executeScript = async (sql) => {
    try {
      await adapter.underlyingDriver().query(sql);
    } catch (error) {
      adapter.onError(error);
    }
  };
  return adapter;
}

function urlOf(database) {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

async function execute(connectionString, sql) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
