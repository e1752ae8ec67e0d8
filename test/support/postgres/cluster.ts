// PostgreSQL clusters of a test's own, set up as it needs them: certificates, passwords, few connections, a standby.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findFreePort } from '../../../scripts/services/free-port.mjs';
import { unprivilegedUser } from '../../../scripts/services/start-postgres.mjs';
import { closeAtFileEnd } from '../setup/resources.js';
import { testServices } from '../setup/services.js';
import { waitUntil } from '../setup/wait-until.js';

export type StopMode = 'smart' | 'fast' | 'immediate';

export interface Cluster {
  port: number;
  /** Its folder: `data`, the log, the socket. */
  folder: string;
  bin: string;
  settings: Readonly<Record<string, string>>;
  /** Of loopback, as this role; postgres without a password by default. */
  url(options?: { user?: string; password?: string; database?: string; query?: string }): string;
  /** As the superuser, by the socket, which no line of pg_hba.conf below refuses. */
  run<Row extends pg.QueryResultRow>(sql: string, database?: string): Promise<Row[]>;
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** smart waits for clients, fast ends them, immediate is as a crash. Resolves when it has ended. */
  stop(mode: StopMode): Promise<void>;
  /** Asks for the end, and returns at once. */
  askToStop(mode: StopMode): void;
  /** Makes a standby the primary; resolves when it takes writes. */
  promote(): Promise<void>;
  log(): string;
}

export interface ClusterOptions {
  settings?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf for connections by TCP; by default all are trusted. */
  hba?: readonly string[];
  /** Files to put into the data folder, readable for the server alone. */
  files?: Readonly<Record<string, string>>;
  /** Folder of another PostgreSQL's programs. */
  bin?: string;
  /** For initdb. */
  encoding?: string;
}

const SIGNALS: Readonly<Record<StopMode, NodeJS.Signals>> = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' };
/** Of a cluster that is thrown away: only a machine that crashes would miss it. */
const QUICK = { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB', max_connections: '60' };

/** The programs of the run's PostgreSQL. @throws Error where it runs in a container */
function postgresBin(): string {
  const { runtime } = testServices();
  if (runtime.kind !== 'local') throw new Error('this test needs a PostgreSQL that is installed on this machine');
  return runtime.postgresBin;
}

/** A new cluster, started; closed at the file's end. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const bin = options.bin ?? postgresBin();
  const folder = createServerFolder();
  const data = join(folder, 'data');
  const encoding = options.encoding ?? 'UTF8';
  asServer(
    join(bin, 'initdb'),
    ['-A', 'trust', '-U', 'postgres', '-E', encoding, '--no-locale', '--no-sync', '-D', data],
    folder,
  );
  const hba = [
    'local all all trust',
    'local replication all trust',
    ...(options.hba ?? ['host all all 127.0.0.1/32 trust']),
  ];
  writeFileSync(join(data, 'pg_hba.conf'), `${[...hba, 'host replication all 127.0.0.1/32 trust'].join('\n')}\n`);
  for (const [name, content] of Object.entries(options.files ?? {})) writeOwn(join(data, name), content);
  return await openCluster(bin, folder, options.settings ?? {});
}

/**
 * A standby of a cluster that streams its log; closed at the file's end.
 * @param name as synchronous_standby_names calls it
 * @param port of a cluster that has ended, whose place it takes
 */
export async function startStandby(primary: Cluster, name: string, port?: number): Promise<Cluster> {
  const folder = createServerFolder();
  const data = join(folder, 'data');
  const from = `host=127.0.0.1 port=${primary.port} user=postgres application_name=${name}`;
  asServer(
    join(primary.bin, 'pg_basebackup'),
    ['-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-d', from],
    folder,
  );
  // -R writes the connection, but not the name by which the primary waits for this standby.
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
  // A standby must allow as many connections as its primary.
  return await openCluster(primary.bin, folder, primary.settings, port);
}

function createServerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ps-pg-'));
  const user = unprivilegedUser();
  if (user) chownSync(folder, user.uid, user.gid);
  closeAtFileEnd(`folder ${folder}`, () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function writeOwn(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
  const user = unprivilegedUser();
  if (user) chownSync(path, user.uid, user.gid);
}

const ENVIRONMENT = { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' };

function asServer(program: string, args: readonly string[], folder: string): void {
  const options = { ...unprivilegedUser(), cwd: folder, env: ENVIRONMENT };
  execFileSync(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function openCluster(
  bin: string,
  folder: string,
  settings: Readonly<Record<string, string>>,
  ownPort?: number,
): Promise<Cluster> {
  const port = ownPort ?? (await findFreePort());
  const flags = Object.entries({ ...QUICK, ...settings }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const listen = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder];
  const log = join(folder, 'log');
  let child: ChildProcess | undefined;

  const run = async <Row extends pg.QueryResultRow>(sql: string, database = 'postgres'): Promise<Row[]> => {
    const client = new pg.Client({ host: folder, port, user: 'postgres', database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const answer = await client.query<Row>(sql);
      return answer.rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const hasEnded = () => !child || child.exitCode !== null || child.signalCode !== null;
  const start = async () => {
    const output = openSync(log, 'a');
    const options = { ...unprivilegedUser(), cwd: folder, env: ENVIRONMENT };
    child = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), ...listen, ...flags], {
      ...options,
      detached: true,
      stdio: ['ignore', output, output],
    });
    const answers = async () => hasEnded() || (await run('SELECT 1').catch(() => null)) !== null;
    await waitUntil(answers, 'PostgreSQL to answer', { intervalMs: 20 });
    if (hasEnded()) throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`);
  };
  const stop = async (mode: StopMode) => {
    if (!child || hasEnded()) return;
    const exited = once(child, 'exit');
    child.kill(SIGNALS[mode]);
    await exited;
  };
  closeAtFileEnd(`cluster ${folder}`, () => stop('immediate'));
  await start();
  return {
    port,
    folder,
    bin,
    settings,
    run,
    start,
    stop,
    url({ user = 'postgres', password, database = 'postgres', query = '' } = {}) {
      const who = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
      return `postgres://${who}@127.0.0.1:${port}/${database}${query}`;
    },
    askToStop: (mode) => void child?.kill(SIGNALS[mode]),
    async promote() {
      await run('SELECT pg_promote(true, 60)');
      await waitUntil(
        async () => (await run<{ up: boolean }>('SELECT NOT pg_is_in_recovery() AS up'))[0]?.up,
        'the promotion',
      );
    },
    log: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
  };
}

/** Has a primary wait for a standby at each commit; resolves when it does. */
export async function replicateSynchronously(primary: Cluster, name: string): Promise<void> {
  await primary.run(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
  await primary.run('SELECT pg_reload_conf()');
  await waitUntil(
    async () => (await primary.run(`SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`)).length > 0,
    'synchronous replication',
  );
}
