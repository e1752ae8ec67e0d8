// One compose stack of its own: its own project name, free ports, its own volumes, all removed at the end.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const exec = promisify(execFile);

/** @returns stdout; rejects with stderr in the message */
export async function run(command, args, env = process.env) {
  const { stdout } = await exec(command, args, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

async function findFreePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Compose v2 is a plugin of docker, v1 a program. */
async function findCompose() {
  try {
    await run('docker', ['compose', 'version']);
    return ['docker', 'compose'];
  } catch {
    return ['docker-compose'];
  }
}

/** @param settings variables of docker-compose.yml */
export async function composeStack(settings) {
  const [program, ...words] = await findCompose();
  const ports = {
    database: await findFreePort(),
    redis: await findFreePort(),
    dashboard: await findFreePort(),
    http: await findFreePort(),
  };
  const environment = {
    ...process.env,
    COMPOSE_PROJECT_NAME: 'popstash-proof',
    POPSTASH_DB_PORT: String(ports.database),
    POPSTASH_REDIS_PORT: String(ports.redis),
    POPSTASH_DASHBOARD_PORT: String(ports.dashboard),
    POPSTASH_HTTP_PORT: String(ports.http),
    ...settings,
  };
  const compose = (...args) => run(program, [...words, '-f', join(root, 'docker-compose.yml'), ...args], environment);
  const inspect = async (id, format) => (await run('docker', ['inspect', '-f', format, id])).trim();

  const stack = {
    ports,
    environment,
    file: (path) => join(root, path),
    up: async (args) => {
      await compose('down', '-v', '--remove-orphans');
      await compose('build');
      await compose('up', '-d', ...args);
    },
    down: () => compose('down', '-v', '--remove-orphans', '-t', '5'),
    logs: () => compose('logs', '--tail=40'),
    versions: async () => {
      const engine = (await run('docker', ['version', '-f', '{{.Server.Version}}'])).trim();
      return `Docker ${engine}, compose ${(await compose('version', '--short')).trim()}`;
    },
    /** psql's unaligned output. */
    query: async (sql) => {
      const psql = ['psql', '-U', 'popstash', '-d', 'popstash', '-qAtv', 'ON_ERROR_STOP=1', '-c', sql];
      return (await compose('exec', '-T', 'postgres', ...psql)).trim();
    },
    exec: (service, ...command) => compose('exec', '-T', service, ...command),
    containers: async (service) => {
      const ids = (await compose('ps', '-q', service)).trim().split('\n').filter(Boolean);
      const all = ids.map(async (id) => ({ id, name: (await inspect(id, '{{.Name}}')).replace('/', '') }));
      return (await Promise.all(all)).sort((a, b) => a.name.localeCompare(b.name));
    },
    /** Address in the stack's network → container, of those that run. */
    addresses: async (service) => {
      const found = new Map();
      for (const { id, name } of await stack.containers(service)) {
        const address = await inspect(id, '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}');
        if (address) found.set(address, name);
      }
      return found;
    },
    /** Waits up to two minutes for every service that runs to be healthy. @returns those that are not */
    unhealthy: async () => {
      const format = '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}';
      for (let tries = 0; ; tries++) {
        const ids = (await compose('ps', '-q')).trim().split('\n');
        const states = await Promise.all(ids.map((id) => inspect(id, format)));
        const left = states.filter((state) => state.includes(' running') && !state.endsWith(' healthy'));
        if (left.length === 0 || tries >= 120) return left;
        await sleep(1_000);
      }
    },
    state: (id) => inspect(id, '{{.State.Status}}, {{.RestartCount}} restart(s)'),
    states: async () => {
      const ids = (
        await run('docker', ['ps', '-aq', '--filter', 'label=com.docker.compose.project=popstash-proof'])
      ).trim();
      const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}}';
      const lines = await Promise.all(ids.split('\n').map((id) => inspect(id, format)));
      return lines.sort().join(', ');
    },
    /** kill -9 of the node process within, by root of the container. */
    killNode: async (id) => {
      const script = `const fs = require('fs');
        for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && Number(name) !== process.pid)) {
          const args = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0');
          if (args[0] === 'node' && args.includes('worker')) process.kill(Number(pid), 'SIGKILL');
        }`;
      await run('docker', ['exec', id, 'node', '-e', script]);
    },
    /** @returns what to check: how long a polite stop took and with which exit codes */
    stop: async (service, count) => {
      const ids = (await stack.containers(service)).map(({ id }) => id);
      const started = performance.now();
      await compose('stop', service);
      const seconds = (performance.now() - started) / 1_000;
      const codes = await Promise.all(ids.map((id) => inspect(id, '{{.State.ExitCode}}')));
      const fine = codes.length === count && codes.every((code) => code === '0');
      return [`exit codes ${codes.join(' ')} in ${seconds.toFixed(1)} s`, fine];
    },
  };
  return stack;
}
