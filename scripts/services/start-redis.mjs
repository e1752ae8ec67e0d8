// @ts-check
// A private Redis without persistence, on a free loopback port.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { findFreePort } from './free-port.mjs';

/**
 * @typedef {object} RedisServer
 * @property {string} url
 * @property {number} port
 * @property {() => Promise<void>} kill SIGKILL; resolves when it is gone
 * @property {() => Promise<void>} start after a kill, empty, on the same port
 * @property {() => void} pause SIGSTOP: connections stay open and nothing answers
 * @property {() => void} resume
 * @property {(...command: string[]) => Promise<string>} command one inline command, e.g. `command('FLUSHALL')`; its raw reply
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('./require-services.mjs').Runtime} runtime
 * @param {{ started?: boolean, flags?: string[] }} [options] started: false leaves it absent until `start()`; flags: more of redis-server's
 * @returns {Promise<RedisServer>}
 */
export async function startRedis(runtime, { started = true, flags = [] } = {}) {
  const port = await findFreePort();
  const control =
    runtime.kind === 'local'
      ? controlProcess(runtime.redisServer, port, flags)
      : controlContainer(runtime, port, flags);
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    ...control,
    start: async () => {
      await control.start();
      await untilPong(port);
    },
    command: (/** @type {string[]} */ ...parts) => sendCommand(port, parts),
    close: control.kill,
  };
  if (started) await redis.start();
  return redis;
}

/**
 * @param {string} redisServer
 * @param {number} port
 * @param {string[]} more
 */
function controlProcess(redisServer, port, more) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  const alive = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    start: async () => {
      const flags = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        tmpdir(),
        ...more,
      ];
      child = spawn(redisServer, flags, { stdio: 'ignore', detached: true });
      await once(child, 'spawn');
    },
    kill: async () => {
      if (!child || !alive()) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL'); // ends a stopped process too
      await exited;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}

/**
 * @param {import('./require-services.mjs').DockerRuntime} runtime
 * @param {number} port
 * @param {string[]} more
 */
function controlContainer({ docker, redisImage }, port, more) {
  const name = `popstash-test-redis-${port}`;
  const run = (/** @type {string[]} */ ...args) => execFileSync(docker, args, { stdio: ['ignore', 'ignore', 2] });
  const server = ['redis-server', '--save', '', '--appendonly', 'no', ...more];
  return {
    start: async () => void run('run', '-d', '--name', name, '-p', `127.0.0.1:${port}:6379`, redisImage, ...server),
    kill: async () => void run('rm', '-f', name),
    pause: () => void run('pause', name),
    resume: () => void run('unpause', name),
  };
}

/** @param {number} port */
async function untilPong(port) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      if ((await sendCommand(port, ['PING'])).startsWith('+PONG')) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * @param {number} port
 * @param {string[]} parts
 * @returns {Promise<string>}
 */
function sendCommand(port, parts) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const body = parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('');
      socket.write(`*${parts.length}\r\n${body}`);
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error(`Redis on port ${port} does not answer`)));
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(data.toString('utf8'));
      socket.destroy();
    });
  });
}
