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
  signal(name: 'SIGKILL' | 'SIGSTOP'): void;
}

/** Resolves when each Sentinel knows the replica and the other two, so that a failover is possible. */
export async function startSentinels(): Promise<SentinelGroup> {
  const folder = createFolder();
  const memory = ['save ""', 'appendonly no', `dir ${folder}`];
  const master = await startServer(folder, memory);
  const replicaOf = [`replicaof 127.0.0.1 ${master.port}`, 'repl-diskless-sync-delay 0'];
  const replica = await startServer(folder, [...memory, ...replicaOf]);
  await waitUntil(async () => (await ask(replica.port, 'info', 'replication')).includes('link_status:up'), 'a replica');
  const watched = [
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
    `sentinel failover-timeout ${MASTER_NAME} 5000`,
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => startServer(folder, watched, ['--sentinel'])));
  for (const { port } of sentinels) {
    await waitUntil(async () => {
      const state = await ask(port, 'info', 'sentinel');
      return /slaves=1,sentinels=3/.test(state);
    }, 'the Sentinels to know all others');
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const lastPort = sentinels[2]?.port ?? 0;
  return {
    url: `redis+sentinel://${hosts}/${MASTER_NAME}`,
    masterPort: async () =>
      Number((await ask(lastPort, 'sentinel', 'get-master-addr-by-name', MASTER_NAME)).split(',')[1]),
    killMasterHost: () => {
      master.signal('SIGKILL');
      sentinels[0]?.signal('SIGKILL');
    },
    pauseMaster: () => master.signal('SIGSTOP'),
  };
}

async function startServer(
  folder: string,
  settings: readonly string[],
  flags: readonly string[] = [],
): Promise<Server> {
  const port = await findFreePort();
  const file = join(folder, `${port}.conf`);
  // A Sentinel writes its state into its file.
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', ...settings, ''].join('\n'));
  const server = run(`popstash-test-redis-${port}`, folder, [file, ...flags]);
  closeAtFileEnd(`redis ${port}`, () => server.signal('SIGKILL'));
  await waitUntil(async () => (await ask(port, 'ping')) === 'PONG', `the server on port ${port}`);
  return { port, ...server };
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

/** One command on a connection of its own; a list is joined by commas. */
async function ask(port: number, command: string, ...args: string[]): Promise<string> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return String(await client.call(command, ...args));
  } finally {
    client.disconnect();
  }
}
