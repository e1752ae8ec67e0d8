// @ts-check
// Decides how the services are run: installed here, installed now, or from the compose file's images.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findOnPath, findPostgres, findRedisServer, hasPgvector } from './find-services.mjs';
import { canInstall, installServices } from './install-services.mjs';

/**
 * @typedef {{ kind: 'local', postgresBin: string, redisServer: string }} LocalRuntime
 * @typedef {{ kind: 'docker', docker: string, postgresImage: string, redisImage: string }} DockerRuntime
 * @typedef {LocalRuntime | DockerRuntime} Runtime
 */

/**
 * @returns {Runtime}
 * @throws Error that lists exactly what to install; never leaves a test out instead.
 */
export function requireServices() {
  const local = findLocal();
  if (local) return local;
  if (canInstall()) {
    installServices();
    const installed = findLocal();
    if (installed) return installed;
  }
  const docker = findDocker();
  if (docker) return docker;
  throw new Error(explainMissing());
}

/** @returns {LocalRuntime | undefined} */
function findLocal() {
  const [postgres] = findPostgres();
  const redisServer = findRedisServer();
  if (!postgres || !hasPgvector(postgres) || !redisServer) return undefined;
  return { kind: 'local', postgresBin: postgres.bin, redisServer };
}

/** @returns {DockerRuntime | undefined} */
function findDocker() {
  const docker = findOnPath('docker');
  if (!docker) return undefined;
  try {
    execFileSync(docker, ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 });
  } catch {
    return undefined;
  }
  const compose = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  const images = [...compose.matchAll(/^\s*image:\s*["']?([^\s"']+)/gm)].map((match) => match[1] ?? '');
  const postgresImage = images.find((image) => image.startsWith('pgvector/'));
  const redisImage = images.find((image) => image.startsWith('redis'));
  return postgresImage && redisImage ? { kind: 'docker', docker, postgresImage, redisImage } : undefined;
}

function explainMissing() {
  const [postgres] = findPostgres();
  const missing = [];
  if (!postgres) missing.push('PostgreSQL 15 or newer (Debian: postgresql; macOS: brew install postgresql@17)');
  if (!hasPgvector(postgres)) {
    missing.push(
      `pgvector 0.8 or newer${postgres ? ` for PostgreSQL ${postgres.major} (found: ${postgres.pgvector ?? 'none'})` : ''} ` +
        '(Debian 13: postgresql-17-pgvector; macOS: brew install pgvector; else github.com/pgvector/pgvector)',
    );
  }
  if (!findRedisServer()) missing.push('redis-server 6.2 or newer (Debian: redis-server; macOS: brew install redis)');
  return [
    'The tests need services that are not here:',
    ...missing.map((line) => `  - ${line}`),
    'Install them, or run the command as root on Debian (it installs them itself), or start a Docker engine',
    '(it then uses the images of docker-compose.yml). POPSTASH_PG_BIN names a PostgreSQL in an unusual place.',
  ].join('\n');
}
