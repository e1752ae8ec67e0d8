// A Redis master, its replica and three Sentinels on loopback ports of a test's own.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findFreePort } from '../../../scripts/services/free-port.mjs';
import { createFolder } from '../setup/folders.js';
import { closeAtFileEnd } from '../setup/resources.js';
import { testServices } from '../setup/services.js';
import { waitUntil } from '../setup/wait-until.js';

export const MASTER_NAME = 'popstash-jobs';
/** Of the servers and of the Sentinels; both are in the URL. */
export const PASSWORDS = { server: 'plum.orchard.dusk', sentinel: 'fern.harbour.noon' };

export interface SentinelGroup {
  /** Names all three Sentinels. */
  url: string;
  /** Port of the server that is the master now, as a Sentinel says. */
  masterPort(): Promise<number>;
  /** SIGKILL to the first master and to the first Sentinel, as if their host were gone. */
  killMasterHost(): void;
  /** SIGSTOP to the first master: its connections stay open and nothing answers. */
  pauseMaster(): void;
}

interface Server {
  port: number;
  /** One command; a list in its answer is joined by commas. */
  ask(command: string, ...args: string[]): Promise<string>;
  signal(name: 'SIGKILL' | 'SIGSTOP'): void;
}

/** Resolves when each Sentinel knows the replica and the other two, so that a failover is possible. */
export async function startSentinels(): Promise<SentinelGroup> {
  const folder = createFolder();
  const { server, sentinel } = PASSWORDS;
  const memory = ['save ""', 'appendonly no', `dir ${folder}`, `requirepass ${server}`, `masterauth ${server}`];
  const master = await startServer(folder, server, memory);
  const replicaOf = [`replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0'];
  const replica = await startServer(folder, server, [...memory, ...replicaOf]);
  await waitUntil(async () => (await replica.ask('info', 'replication')).includes('link_status:up'), 'a replica');
  const watched = [
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2`,
    `sentinel auth-pass ${MASTER_NAME} ${server}`,
    `requirepass ${sentinel}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
    `sentinel failover-timeout ${MASTER_NAME} 5000`,
  ];
  const startSentinel = () => startServer(folder, sentinel, watched, ['--sentinel']);
  const sentinels = await Promise.all([startSentinel(), startSentinel(), startSentinel()]);
  for (const { ask } of sentinels) {
    const knowsAll = async () => (await ask('info', 'sentinel')).includes('slaves=1,sentinels=3');
    await waitUntil(knowsAll, 'the Sentinels to know all others');
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `redis+sentinel://:${server}@${hosts}/${MASTER_NAME}?sentinel_password=${sentinel}`,
    masterPort: async () =>
      Number((await sentinels[2].ask('sentinel', 'get-master-addr-by-name', MASTER_NAME)).split(',')[1]),
    killMasterHost: () => {
      master.signal('SIGKILL');
      sentinels[0].signal('SIGKILL');
    },
    pauseMaster: () => master.signal('SIGSTOP'),
  };
}

async function startServer(
  folder: string,
  password: string,
  settings: readonly string[],
  flags: readonly string[] = [],
): Promise<Server> {
  const port = await findFreePort();
  const file = join(folder, `${port}.conf`);
  // A Sentinel writes its state into its file.
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', ...settings, ''].join('\n'));
  const { signal } = run(`popstash-test-redis-${port}`, folder, [file, ...flags]);
  closeAtFileEnd(`redis ${port}`, () => signal('SIGKILL'));
  const ask = (command: string, ...args: string[]) => askServer({ port, password }, command, args);
  await waitUntil(async () => (await ask('ping')) === 'PONG', `the server on port ${port}`);
  return { port, ask, signal };
}

function run(name: string, folder: string, args: readonly string[]): Pick<Server, 'signal'> {
  const { runtime } = testServices();
  if (runtime.kind === 'local') {
    const child = spawn(runtime.redisServer, args, { stdio: 'ignore' });
    return { signal: (signal) => void child.kill(signal) };
  }
  // Sentinels tell the addresses that they see themselves: those of the host.
  const { docker, redisImage } = runtime;
  const place = ['--network', 'host', '--volume', `${folder}:${folder}`];
  execFileSync(docker, ['run', '--detach', '--rm', '--name', name, ...place, redisImage, 'redis-server', ...args]);
  return { signal: (signal) => void execFileSync(docker, ['kill', '--signal', signal, name], { stdio: 'ignore' }) };
}

async function askServer(
  address: { port: number; password: string },
  command: string,
  args: readonly string[],
): Promise<string> {
  const client = new Redis({ ...address, lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return String(await client.call(command, ...args));
  } finally {
    client.disconnect();
  }
}
