// A real PgBouncer before a cluster or the run's PostgreSQL.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { findOnPath } from '../../../scripts/services/find-services.mjs';
import { findFreePort } from '../../../scripts/services/free-port.mjs';
import { canInstall } from '../../../scripts/services/install-services.mjs';
import { unprivilegedUser } from '../../../scripts/services/start-postgres.mjs';
import { closeAtFileEnd } from '../setup/resources.js';
import { waitUntil } from '../setup/wait-until.js';

/** Its program, installed now where Debian's packages can be; without it the test is skipped with a sentence. */
export function requirePgbouncer(context: TestContext): string {
  return findPgbouncer() ?? context.skip('PgBouncer is missing: apt-get install pgbouncer');
}

function findPgbouncer(): string | null {
  // Debian has it in a folder that a user's PATH lacks.
  const find = () => findOnPath('pgbouncer') ?? findOnPath('../sbin/pgbouncer') ?? null;
  const found = find();
  if (found !== null || !canInstall()) return found;
  try {
    const options = {
      stdio: ['ignore', 2, 2] as ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    execFileSync('apt-get', ['-q', 'update'], options);
    execFileSync('apt-get', ['-y', '-q', 'install', '--no-install-recommends', 'pgbouncer'], options);
  } catch {
    return null;
  }
  return find();
}

/**
 * Starts one that leads to a database; ended at the file's end.
 * @returns a DATABASE_URL through it
 */
export async function startPgbouncer(
  program: string,
  target: URL,
  poolMode: 'session' | 'transaction' | 'statement',
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ps-bouncer-'));
  const port = await findFreePort();
  const config = join(folder, 'pgbouncer.ini');
  const database = target.pathname.slice(1);
  writeFileSync(
    config,
    `[databases]
${database} = host=${target.hostname} port=${target.port} dbname=${database} user=${target.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${poolMode}
max_client_conn = 200
default_pool_size = 30
logfile = ${join(folder, 'log')}
`,
  );
  const user = unprivilegedUser();
  if (user) for (const path of [folder, config]) chownSync(path, user.uid, user.gid);
  const child = spawn(program, ['-q', config], { ...user, stdio: 'ignore' });
  const ended = once(child, 'exit');
  closeAtFileEnd('pgbouncer', async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await waitUntil(
    () => {
      if (child.exitCode !== null)
        throw new Error(`pgbouncer did not start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
      return isListening(port);
    },
    'pgbouncer to listen',
    { intervalMs: 20 },
  );
  return `postgres://${target.username}@127.0.0.1:${port}/${database}`;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
