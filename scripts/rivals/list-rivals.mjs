// @ts-check
// Who is compared, and how each is used: started as its documents say, one server process a client, its own default settings.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run-vitest.mjs';
import { connect } from './connect.mjs';
import { installFromNpm, installFromPypi } from './install-rivals.mjs';

/** @typedef {import('./connect.mjs').Connected} Connected */

/**
 * @typedef {object} Rival
 * @property {string} name
 * @property {string} version
 * @property {(folder: string) => Promise<(agent: string) => Promise<Connected>>} open a store in that folder; then a client of it
 * @property {(folder: string) => Promise<void>} [end] what runs on when the last client has gone
 * @property {LockUse} [locks]
 * @property {MemoryUse} [memory]
 *
 * @typedef {object} LockUse
 * @property {(client: Connected, paths: string[]) => Promise<boolean>} ask once, without waiting
 * @property {(client: Connected, paths: string[]) => Promise<unknown>} release
 * @property {(client: Connected, paths: string[], seconds: number) => Promise<boolean>} [wait] where it has a queue
 *
 * @typedef {object} MemoryUse
 * @property {(client: Connected, id: string, text: string) => Promise<unknown>} write
 * @property {(client: Connected, query: string) => Promise<string[]>} search ids, best first
 * @property {(folder: string) => Promise<boolean>} [isReady] all that was written can be found, also by meaning
 */

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @param {string} folder @param {Record<string, string>} more */
const environment = (folder, more = {}) => ({ PATH: process.env.PATH ?? '', HOME: join(folder, 'home'), ...more });
/** Where agents work: no home, and no part of the store. @param {string} folder */
const projectOf = (folder) => join(folder, 'project');

const main = join(root, 'dist', 'main.js');
/** @param {string} folder */
const ownEnvironment = (folder) => environment(folder, { POPSTASH_DATA_DIR: join(folder, 'data') });

/** @param {string} folder @returns {number} texts without a vector */
function countPending(folder) {
  const answer = execFileSync(process.execPath, [main, 'status', '--json'], {
    cwd: projectOf(folder),
    env: ownEnvironment(folder),
  });
  return JSON.parse(answer.toString()).status.pending;
}

/** @type {Rival} */
const popstash = {
  name: 'PopStash',
  version,
  async open(folder) {
    return () => connect(process.execPath, [main, 'mcp'], { cwd: projectOf(folder), env: ownEnvironment(folder) });
  },
  async end(folder) {
    execFileSync(process.execPath, [main, 'down'], { env: ownEnvironment(folder), stdio: 'ignore' });
  },
  locks: {
    ask: async (client, paths) => (await client.call('acquire', { patterns: paths })).acquired.length > 0,
    wait: async (client, paths, seconds) =>
      (await client.call('acquire', { patterns: paths, wait_seconds: seconds })).acquired.length > 0,
    release: (client, paths) => client.call('release', { patterns: paths }),
  },
  memory: {
    write: (client, id, text) => client.call('insight', { key: id, content: text }),
    search: async (client, query) =>
      (await client.call('recall', { query, limit: 5 })).results.map((/** @type {any} */ { key }) => key),
    isReady: async (folder) => countPending(folder) === 0,
  },
};

/** @type {Rival} */
const agentLease = {
  name: 'agent-lease-mcp',
  version: '0.2.0',
  async open(folder) {
    const bin = installFromPypi('agent-lease-mcp==0.2.0');
    const env = (/** @type {string} */ agent) =>
      environment(folder, { AGENT_NAME: agent, AGENT_LEASE_DB: join(folder, 'room.db') });
    return (agent) => connect(join(bin, 'agent-lease-mcp'), [], { cwd: projectOf(folder), env: env(agent) });
  },
  locks: {
    ask: async (client, paths) => (await client.call('claim', { paths, purpose: 'compare' })).ok === true,
    release: (client, paths) => client.call('release', { paths }),
  },
};

/** @type {Rival} */
const serverMemory = {
  name: '@modelcontextprotocol/server-memory',
  version: '2026.8.31',
  async open(folder) {
    const main = join(installFromNpm('@modelcontextprotocol/server-memory', '2026.8.31'), 'dist', 'index.js');
    const env = environment(folder, { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') });
    return () => connect(process.execPath, [main], { cwd: projectOf(folder), env });
  },
  memory: {
    write: (client, id, text) =>
      client.call('create_entities', { entities: [{ name: id, entityType: 'note', observations: [text] }] }),
    search: async (client, query) =>
      (await client.call('search_nodes', { query })).entities.map((/** @type {any} */ { name }) => name),
  },
};

export const rivals = [popstash, agentLease, serverMemory];
