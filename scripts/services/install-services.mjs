// @ts-check
// Installs PostgreSQL, pgvector and Redis on Debian and its kin. Needs root and the machine's own package sources.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPostgres, findRedisServer, hasPgvector } from './find-services.mjs';

/** The Debian release whose source package of pgvector is new enough (0.8.0). */
const PGVECTOR_SUITE = 'trixie';

export function canInstall() {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/** Installs what is missing, telling what it does on stderr. */
export function installServices() {
  const packages = [];
  if (!findRedisServer()) packages.push('redis-server');
  if (findPostgres().length === 0) packages.push('postgresql', 'postgresql-contrib');
  if (packages.length > 0) {
    aptGet('update');
    aptGet('install', ...packages);
  }
  const postgres = findPostgres()[0];
  if (!postgres) throw new Error('apt-get installed no PostgreSQL 15 or newer');
  if (!hasPgvector(postgres)) installPgvector(postgres);
}

/** @param {import('./find-services.mjs').PostgresFound} postgres */
function installPgvector(postgres) {
  aptGet('update');
  const binary = `postgresql-${postgres.major}-pgvector`;
  const candidate = quiet('apt-cache', ['policy', binary]).match(/Candidate: (\d+)\.(\d+)/);
  if (candidate && Number(candidate[1]) * 100 + Number(candidate[2]) >= 8) return aptGet('install', binary);
  aptGet('install', `postgresql-server-dev-${postgres.major}`, 'build-essential', 'dpkg-dev');
  buildPgvector(join(postgres.bin, 'pg_config'));
}

/**
 * Fetches Debian's source package of a newer release into a scratch folder, leaving the machine's package lists as they
 * are, and builds it for the PostgreSQL that is here.
 * @param {string} pgConfig
 */
function buildPgvector(pgConfig) {
  const scratch = mkdtempSync(join(tmpdir(), 'popstash-pgvector-'));
  try {
    for (const folder of ['parts', 'lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(scratch, folder), { recursive: true });
    }
    const { uris, signedBy } = debianSource();
    const stanza = ['Types: deb-src', `URIs: ${uris}`, `Suites: ${PGVECTOR_SUITE}`, 'Components: main'];
    if (signedBy) stanza.push(`Signed-By: ${signedBy}`);
    writeFileSync(join(scratch, 'parts', 'pgvector.sources'), `${stanza.join('\n')}\n`);
    const options = [
      'Dir::Etc::sourcelist=/dev/null',
      `Dir::Etc::sourceparts=${join(scratch, 'parts')}`,
      `Dir::State::lists=${join(scratch, 'lists')}`,
      `Dir::Cache=${join(scratch, 'cache')}`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    loud('apt-get', [...options, '-q', 'update'], scratch);
    loud('apt-get', [...options, '-q', 'source', 'pgvector'], scratch);
    const source = readdirSync(scratch).find((name) => /^pgvector-\d/.test(name));
    if (!source) throw new Error('apt-get source brought no pgvector');
    // OPTFLAGS: no -march=native, as Debian builds it. with_llvm: no clang needed for a test's database.
    const make = ['OPTFLAGS=', 'with_llvm=no', `PG_CONFIG=${pgConfig}`];
    loud('make', ['-j2', ...make], join(scratch, source));
    loud('make', ['install', ...make], join(scratch, source));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Where this machine fetches Debian's own packages from: the deb822 file, else the one-line file. */
function debianSource() {
  const deb822 = '/etc/apt/sources.list.d/debian.sources';
  if (existsSync(deb822)) {
    const stanza = readFileSync(deb822, 'utf8').split(/\n\s*\n/)[0] ?? '';
    const field = (/** @type {string} */ name) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(stanza)?.[1]?.trim();
    const uris = field('URIs');
    if (uris) return { uris, signedBy: field('Signed-By') };
  }
  const list = existsSync('/etc/apt/sources.list') ? readFileSync('/etc/apt/sources.list', 'utf8') : '';
  const uris = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+\s+main/m.exec(list)?.[1];
  if (uris) return { uris, signedBy: undefined };
  throw new Error('no source of Debian packages in /etc/apt: install pgvector 0.8 or newer by hand');
}

/** @param {string[]} args */
function aptGet(...args) {
  const options = args[0] === 'install' ? ['-y', '-q', '--no-install-recommends'] : ['-q'];
  try {
    loud('apt-get', [...options, ...args]);
  } catch (error) {
    // A source that does not answer fails the update although all that is needed came; the install tells.
    if (args[0] !== 'update') throw error;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
function loud(command, args, cwd) {
  console.error(`$ ${command} ${args.filter((arg) => arg !== '-o' && !arg.includes('::')).join(' ')}`);
  // Its output goes to stderr: the caller's stdout is for results.
  execFileSync(command, args, {
    cwd,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  });
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function quiet(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  } catch {
    return '';
  }
}
