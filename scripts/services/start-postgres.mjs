// @ts-check
// A private PostgreSQL cluster in a temporary folder, on a free loopback port.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findFreePort } from './free-port.mjs';

/**
 * @typedef {object} PostgresServer
 * @property {string} url of the superuser, database `postgres`
 * @property {() => Promise<void>} stop at once, without waiting for clients
 * @property {() => Promise<void>} crash immediate mode: as after a kill, recovery at the next start
 * @property {() => Promise<void>} start after a stop or crash, same port and data; resolves when it answers
 * @property {() => boolean} isRunning false when it ended by itself
 * @property {() => Promise<void>} close stop and delete the data
 */

/**
 * @param {import('./require-services.mjs').Runtime} runtime
 * @param {{ durable?: boolean, under?: string }} [options] durable: fsync as in production, for benchmarks; else off, which a
 *   killed process survives and only a killed machine does not; under: the folder to make its own in, of a local one
 * @returns {Promise<PostgresServer>}
 */
export async function startPostgres(runtime, options = {}) {
  const port = await findFreePort();
  const settings = {
    max_connections: '300',
    shared_buffers: '256MB',
    ...(!options.durable && { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return runtime.kind === 'local'
    ? startLocal(runtime.postgresBin, port, flags, options.under)
    : startInDocker(runtime, port, flags);
}

/**
 * @param {string} bin
 * @param {number} port
 * @param {string[]} flags
 * @param {string} [under]
 * @returns {Promise<PostgresServer>}
 */
async function startLocal(bin, port, flags, under = tmpdir()) {
  const folder = mkdtempSync(join(under, 'popstash-pg-'));
  const data = join(folder, 'data');
  // PostgreSQL refuses to run as root.
  const user = unprivilegedUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  const initdb = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-sync', '-D', data];
  execFileSync(join(bin, 'initdb'), initdb, { ...user, cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const log = join(folder, 'log');
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;

  const start = async () => {
    const output = openSync(log, 'a');
    const listen = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder];
    child = spawn(join(bin, 'postgres'), ['-D', data, ...listen, ...flags], {
      ...user,
      cwd: folder,
      env,
      detached: true, // a Ctrl-C of the terminal is the owner's to handle
      stdio: ['ignore', output, output],
    });
    await untilAnswers(url, () => {
      if (child?.exitCode != null) throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`);
    });
  };
  /** @param {NodeJS.Signals} signal */
  const end = async (signal) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  await start();
  return {
    url,
    start,
    isRunning: () => child?.exitCode === null && child.signalCode === null,
    stop: () => end('SIGINT'),
    crash: () => end('SIGQUIT'),
    close: async () => {
      await end('SIGQUIT'); // the data is thrown away: no need for a checkpoint
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The account that PostgreSQL, and a pooler, run under when we are root. */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (!account) throw new Error('no user to run PostgreSQL as: it refuses root, and there is no account postgres');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/**
 * @param {import('./require-services.mjs').DockerRuntime} runtime
 * @param {number} port
 * @param {string[]} flags
 * @returns {Promise<PostgresServer>}
 */
async function startInDocker({ docker, postgresImage }, port, flags) {
  const name = `popstash-test-pg-${port}`;
  const url = `postgres://postgres:popstash@127.0.0.1:${port}/postgres`;
  const run = (/** @type {string[]} */ ...args) => execFileSync(docker, args, { stdio: ['ignore', 'ignore', 2] });
  const publish = ['-p', `127.0.0.1:${port}:5432`, '-e', 'POSTGRES_PASSWORD=popstash'];
  run('run', '-d', '--name', name, ...publish, postgresImage, 'postgres', ...flags);
  const start = async () => {
    run('start', name);
    await untilAnswers(url);
  };
  await untilAnswers(url);
  return {
    url,
    start,
    isRunning: () =>
      execFileSync(docker, ['inspect', '-f', '{{.State.Running}}', name], { encoding: 'utf8' }).trim() === 'true',
    stop: async () => void run('kill', '-s', 'INT', name),
    crash: async () => void run('kill', '-s', 'QUIT', name),
    close: async () => void run('rm', '-f', '-v', name),
  };
}

/**
 * @param {string} connectionString
 * @param {() => void} [check] throws when waiting is pointless
 */
async function untilAnswers(connectionString, check = () => undefined) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    check();
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
    // A server that goes away between connect and query must not crash this process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
