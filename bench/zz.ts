import pg from 'pg';
import { NO_SIGNALS } from '../src/db/no-signals.js';
import { createPool } from '../src/db/pool.js';
import { createAgentRepository } from '../src/domain/agents/agent-repository.js';
import { createLockRepository } from '../src/domain/locks/lock-repository.js';
import { createLogger } from '../src/logger.js';
import { newId } from '../src/text/ids.js';
import { percentile } from './support/report.mjs';
const pool = createPool({ connectionString: process.env.DATABASE_URL!, size: 1, logger: createLogger('silent', 'x') });
const actor = { projectId: 'proj_bench', agentId: 'agent_bench', sessionId: null };
await createAgentRepository(pool).connect({ id: actor.projectId, root: '/bench', worktree: '/bench' }, { id: actor.agentId, name: 'bench', clientVersion: null, host: 'bench', pid: process.pid });
const locks = createLockRepository(pool);
await pool.query('CREATE TABLE raw_locks (LIKE locks INCLUDING ALL); CREATE TABLE tiny (a int)');
const def = (await pool.query(`SELECT pg_get_functiondef('acquire_locks'::regproc) AS d`)).rows[0].d as string;


const path = (n: string) => ({ pattern: n, key: n, base: n, isGlob: false });
const attempt = (n: string) => ({ ids: [newId('lock_')], patterns: [path(n)], mode: 'exclusive', lifeSeconds: 900, origin: 'tool', task: null, waiter: null, wait: false, free: [], overlapping: [], describe: true } as const);
const variant = (fn: string) => { const r = createLockRepository({ query: (q: any) => pool.query({ ...q, name: fn, text: q.text.replace('acquire_locks', fn) }) } as any); return (n: string) => r.acquire(actor, attempt(n) as any); };
const raw = (n: string) => pool.query({ name: 'raw', text: `INSERT INTO raw_locks (id, project_id, agent_id, pattern, key, base, is_glob, mode, token, life_seconds, acquired_at, expires_at)
        VALUES ($1, $2, $3, $4, $4, $4, false, 'exclusive', 1, 900, now(), now() + interval '15 minutes') ON CONFLICT DO NOTHING`, values: [newId('lock_'), actor.projectId, actor.agentId, n] });
const sides: Record<string, (n: string) => Promise<unknown>> = {
  raw, acquire: (n) => locks.acquire(actor, attempt(n) as any),
  tiny: () => pool.query({ name: 't', text: 'INSERT INTO tiny VALUES (1)' }), select1: () => pool.query({ name: 's1', text: 'SELECT 1' }),
  conflictless: (n) => pool.query({ name: 'fn', text: 'SELECT take_turn($1)', values: [actor.projectId] }),
};
for (let r = 0; r < 4; r++) {
  const t: Record<string, number[]> = {};
  for (let i = 0; i < 400; i++) for (const [n, f] of Object.entries(sides)) { const s = performance.now(); await f(`${n}/${r}/${i}`); (t[n] ??= []).push(performance.now() - s); }
  await pool.query(`UPDATE locks SET ended_at = now(), end_reason = 'released'`);
  console.log(r, Object.entries(t).map(([n, x]) => `${n} ${percentile(x, .5).toFixed(3)}`).join('  '));
}
await pool.end();
