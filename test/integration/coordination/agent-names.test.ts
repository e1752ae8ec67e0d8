// Connected agents of one database have names of their own, however many join at once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDatabase } from '../../../src/app/storage/build-database.js';
import { createAgentRepository } from '../../../src/coordination/agents/agent-repository.js';
import type { AgentRow } from '../../../src/coordination/agents/connect-agent.js';
import { openPglite, type PgliteBackend } from '../../../src/db/pglite/pglite-backend.js';
import { PglitePool } from '../../../src/db/pglite/pglite-pool.js';
import { createPool } from '../../../src/db/pool.js';
import { createLogger } from '../../../src/logger.js';
import { findPackage } from '../../../src/package-root.js';
import { newId } from '../../../src/text/ids.js';
import { createTestDatabase } from '../../support/setup/database.js';

/** More than there are single words. */
const MANY = 200;

const folder = await mkdtemp(join(tmpdir(), 'popstash-names-'));
const server = await createTestDatabase();
const pools: Record<string, Pool> = {
  // So many really join at the same time.
  server: createPool({ connectionString: server.url, size: 16, logger: createLogger('silent', 'test') }),
};
let backend: PgliteBackend;

beforeAll(async () => {
  await buildDatabase(join(folder, 'db'), findPackage().root);
  backend = await openPglite(join(folder, 'db'), { fsync: 'off' });
  pools.embedded = new PglitePool(Promise.resolve(backend));
});

afterAll(async () => {
  await Promise.all(Object.values(pools).map((pool) => pool.end()));
  await backend.close();
  await rm(folder, { recursive: true, force: true });
});

function agent(more: Partial<AgentRow> = {}): AgentRow {
  return {
    ...{ id: newId('agent_'), client: 'claude-code', clientVersion: null, clientSession: null },
    ...{ host: 'h', pid: 1, terminal: 'tmux %1', branch: 'login' },
    ...more,
  };
}

const project = (id: string) => ({ id, root: `/${id}/.git`, worktree: `/${id}` });

describe.each(['server', 'embedded'])('%s', (mode) => {
  const pool = () => pools[mode] as Pool;
  const agents = () => createAgentRepository(pool());
  const end = (id: string) => agents().disconnect(id, 'test');

  test('agents that join at once, of one project and of several, have a name each: words, then pairs of words', async () => {
    const rows = Array.from({ length: MANY }, () => agent());
    const joined = await Promise.all(rows.map((row, index) => agents().connect(project(`many${index % 3}`), row)));
    const names = joined.map(({ name }) => name);
    expect(new Set(names).size).toBe(MANY);
    expect(names.filter((name) => /^[A-Z][a-z]+$/.test(name)).length).toBeGreaterThan(100);
    expect(names.filter((name) => !/^[A-Z][a-z]+( [A-Z][a-z]+)?$/.test(name))).toEqual([]);
    for (const { id } of rows) await end(id);
  });

  test('an agent keeps its name when it comes back, and after it was declared disconnected', async () => {
    const row = agent();
    const { name } = await agents().connect(project('p'), row);
    expect(await agents().connect(project('p'), { ...row, branch: 'main' })).toEqual({ as: 'returned', name });
    await end(row.id);
    expect(await agents().connect(project('p'), row)).toEqual({ as: 'revived', name });
  });

  test('a resumed session has the name of its agent before, but not that of one that lives', async () => {
    const first = agent({ clientSession: `s-${mode}` });
    const { name } = await agents().connect(project('p'), first);
    const beside = await agents().connect(project('p'), agent({ clientSession: `s-${mode}` }));
    expect(beside.name).not.toBe(name);
    await end(first.id);
    const other = await agents().connect(project('p'), agent({ clientSession: `other-${mode}` }));
    expect(other.name).not.toBe(name);
    await pool().query(`UPDATE agents SET client_session = NULL WHERE name = $1`, [beside.name]);
    expect((await agents().connect(project('p'), agent({ clientSession: `s-${mode}` }))).name).toBe(name);
  });

  test('a name that was just given up is not given to the next one; when it has been taken, its owner has another', async () => {
    const row = agent();
    const { name } = await agents().connect(project('p'), row);
    await end(row.id);
    // The same order of words: the first word that is free is the one that was given up.
    await pool().query('UPDATE agents SET id = $2 WHERE id = $1', [row.id, `${row.id}old`]);
    expect((await agents().connect(project('p'), row)).name).not.toBe(name);
    const taker = agent();
    await agents().connect(project('p'), taker);
    await end(row.id);
    const mine = await agents().describe([row.id]);
    await pool().query('UPDATE agents SET name = $2 WHERE id = $1', [taker.id, mine.get(row.id)?.name]);
    const revived = await agents().connect(project('p'), row);
    expect(revived.as).toBe('revived');
    expect(revived.name).not.toBe(mine.get(row.id)?.name);
  });

  test('agents of older versions, without a client, may share a name and are given one when they come back', async () => {
    for (const id of ['agent_old1', 'agent_old2']) {
      await pool().query(`INSERT INTO agents (id, project_id, name) VALUES ($1, 'p', 'claude-code')`, [id]);
    }
    const { as, name } = await agents().connect(project('p'), agent({ id: 'agent_old1' }));
    expect(as).toBe('returned');
    expect(name).not.toBe('claude-code');
  });

  test('what texts name an agent by', async () => {
    const row = agent();
    const { name } = await agents().connect(project('q'), row);
    const facts = { id: row.id, name, client: 'claude-code', host: 'h', pid: 1, terminal: 'tmux %1', prompt: null };
    expect((await agents().describe([row.id, 'agent_nobody'])).get(row.id)).toEqual({
      ...facts,
      ...{ person: null, worktree: '/q', branch: 'login', isMain: true, task: null },
    });
    await agents().heartbeats([{ agentId: row.id, branch: 'other' }], 60);
    await agents().heartbeats([{ agentId: row.id, branch: null }], 60);
    await pool().query(`UPDATE agents SET worktree = '/elsewhere' WHERE id = $1`, [row.id]);
    const moved = (await agents().describe([row.id])).get(row.id);
    expect(moved).toMatchObject({ branch: 'other', isMain: false });
  });
});
