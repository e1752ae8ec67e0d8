// @ts-check
// Finds what the tests need on this machine: PostgreSQL 15+ with pgvector 0.8+, and Redis.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** halfvec and iterative scans are in pgvector since 0.8. */
const OLDEST_PGVECTOR = [0, 8];
const OLDEST_POSTGRES = 15;

/**
 * @typedef {object} PostgresFound
 * @property {string} bin folder of initdb and postgres
 * @property {number} major
 * @property {string | null} pgvector version of the extension beside it, null when there is none
 */

/** Every PostgreSQL of a usable version, the newest first; those with a usable pgvector before the others. */
export function findPostgres() {
  /** @type {PostgresFound[]} */
  const found = [];
  for (const bin of new Set(candidateFolders())) {
    if (!existsSync(join(bin, 'initdb')) || !existsSync(join(bin, 'postgres'))) continue;
    const major = Number(/(\d+)/.exec(run(join(bin, 'postgres'), ['--version']) ?? '')?.[1] ?? 0);
    if (major >= OLDEST_POSTGRES) found.push({ bin, major, pgvector: pgvectorVersion(bin) });
  }
  return found.sort((a, b) => Number(hasPgvector(b)) - Number(hasPgvector(a)) || b.major - a.major);
}

/** @param {PostgresFound | undefined} postgres */
export function hasPgvector(postgres) {
  if (!postgres?.pgvector) return false;
  const [major = 0, minor = 0] = postgres.pgvector.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = OLDEST_PGVECTOR;
  return major > oldMajor || (major === oldMajor && minor >= oldMinor);
}

/** Path of a Redis (or Valkey) server, or undefined. */
export function findRedisServer() {
  return findOnPath('redis-server') ?? findOnPath('valkey-server');
}

/** @param {string} name */
export function findOnPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function* candidateFolders() {
  if (process.env.POPSTASH_PG_BIN) yield process.env.POPSTASH_PG_BIN;
  const onPath = findOnPath('pg_config');
  const bindir = onPath && run(onPath, ['--bindir']);
  if (bindir) yield bindir;
  for (const base of ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt']) {
    if (!existsSync(base)) continue;
    for (const name of readdirSync(base)) {
      if (/^(\d+|postgresql@\d+)$/.test(name)) yield join(base, name, 'bin');
    }
  }
}

/** @param {string} bin */
function pgvectorVersion(bin) {
  const share = run(join(bin, 'pg_config'), ['--sharedir']);
  const control = share && join(share, 'extension', 'vector.control');
  if (!control || !existsSync(control)) return null;
  return /default_version\s*=\s*'([^']+)'/.exec(readFileSync(control, 'utf8'))?.[1] ?? null;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
