import { beforeAll, describe, expect, test } from 'vitest';
import { summarizeSession } from '../../../src/accountability/timeline/summarize-session.js';
import type { Actor } from '../../../src/actor/actor.js';
import { createDecisionRepository } from '../../../src/memory/decisions/decision-repository.js';
import { createInsightRepository } from '../../../src/memory/insights/insight-repository.js';
import { createStashRepository } from '../../../src/memory/stashes/stash-repository.js';
import { openLockServices } from '../../support/locks/lock-services.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('a task and what became of it, %s', (mode) => {
  const pool = databases[mode];
  let ann: Actor;
  let sessionId: string;

  beforeAll(async () => {
    const services = await openLockServices(pool, { projectId: 'proj_a' });
    ann = await services.connect('ann');
    const started = await services.sessions.start(ann, {
      task: 'Rework auth',
      patterns: services.place('src/auth/**'),
      mode: 'exclusive',
      waitSeconds: 0,
    });
    sessionId = started.sessionId ?? '';
    const actor = { ...ann, sessionId };
    const decision = { id: 'dec_1', topic: 'auth', decision: 'Use tokens', reasoning: null, supersedes: null };
    await createDecisionRepository(pool).save(actor, decision);
    await createInsightRepository(pool).save(actor, { id: 'insight_1', key: 'auth-flow', content: 'c', tags: [] });
    const stash = { id: 'stash_1', name: 'auth-notes', summary: 's', files: [], metadata: {}, ttlDays: null };
    await createStashRepository(pool).save(actor, stash);
    // Of the same agent, but of no task.
    await createInsightRepository(pool).save(ann, { id: 'insight_2', key: 'else', content: 'c', tags: [] });
    await services.close();
  });

  test('says what was decided, learned and kept, and what is locked', async () => {
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM agents WHERE id = $1', [ann.agentId]);
    expect(await summarizeSession(pool, ann, sessionId)).toMatchObject({
      sessionId,
      agent: rows[0]?.name,
      task: 'Rework auth',
      status: 'active',
      summary: null,
      endedAt: null,
      filesWritten: [],
      filesLocked: ['src/auth/**'],
      decisions: [{ id: 'dec_1', topic: 'auth', decision: 'Use tokens' }],
      insights: [{ id: 'insight_1', key: 'auth-flow' }],
      stashes: [{ id: 'stash_1', name: 'auth-notes' }],
    });
  });

  test("knows the files that hooks saw edited, a subagent's too, and no others", async () => {
    const { rows } = await pool.query<{ worktree: string }>('SELECT worktree FROM agents WHERE id = $1', [ann.agentId]);
    await pool.query(
      `INSERT INTO file_writes (project_id, worktree, path, agent_id, content_hash, written_at) VALUES
         ('proj_a', $2, 'src/auth/login.ts', $1, 'x', now()),
         ('proj_a', $2, 'src/other.ts', 'agent_other', 'x', now()),
         ('proj_a', $2, 'src/before.ts', $1, 'x', now() - interval '1 day')`,
      [ann.agentId, rows[0]?.worktree],
    );
    // Another agent has written the file since: what is left of the edit is the lock that it claimed.
    await pool.query(
      `INSERT INTO sessions (id, project_id, agent_id, parent_id, subagent, task) VALUES ('sess_sub', 'proj_a', $1, $2, 'x', 't')`,
      [ann.agentId, sessionId],
    );
    const services = await openLockServices(pool, { projectId: 'proj_a' });
    await services.acquire({ ...ann, sessionId: 'sess_sub' }, ['src/auth/logout.ts'], { origin: 'hook' });
    await services.close();
    const { filesWritten, filesLocked } = await summarizeSession(pool, ann, sessionId);
    expect(filesWritten).toEqual(['src/auth/login.ts', 'src/auth/logout.ts']);
    expect(filesLocked).toEqual(['src/auth/**', 'src/auth/logout.ts']);
  });

  test('is found in its own project only', async () => {
    const other = { ...ann, projectId: 'proj_b' };
    await expect(summarizeSession(pool, other, sessionId)).rejects.toMatchObject({ code: 'not_found' });
    await expect(summarizeSession(pool, ann, "x'; --")).rejects.toMatchObject({ code: 'not_found' });
  });
});
