import { beforeAll, describe, expect, test } from 'vitest';
import { findSession } from '../../../src/accountability/timeline/find-session.js';
import { createDecisionRepository } from '../../../src/memory/decisions/decision-repository.js';
import { createInsightRepository } from '../../../src/memory/insights/insight-repository.js';
import { createStashRepository } from '../../../src/memory/stashes/stash-repository.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/both-databases.js';
import { openLockServices, toPatterns } from '../../support/lock-services.js';

const databases = await openBothDatabases();

describe.each(DATABASE_MODES)('a task and what became of it, %s', (mode) => {
  const pool = databases[mode];
  let sessionId: string;
  let agentId: string;

  beforeAll(async () => {
    const services = await openLockServices(pool, { projectId: 'proj_a' });
    const ann = await services.connect('ann');
    const started = await services.sessions.start(ann, {
      task: 'Rework auth',
      patterns: toPatterns('src/auth/**'),
      mode: 'exclusive',
      waitSeconds: 0,
    });
    sessionId = started.sessionId ?? '';
    agentId = ann.agentId;
    const actor = { ...ann, sessionId };
    const decision = { id: 'dec_1', topic: 'auth', decision: 'Use tokens', reasoning: null, supersedes: null };
    await createDecisionRepository(pool).save(actor, decision);
    await createInsightRepository(pool).save(actor, { id: 'insight_1', key: 'auth-flow', content: 'c', tags: [] });
    await createStashRepository(pool).save(actor, {
      id: 'stash_1',
      name: 'auth-notes',
      summary: 's',
      files: [],
      metadata: {},
      ttlDays: null,
    });
    // Of the same agent, but of no task.
    await createInsightRepository(pool).save(ann, { id: 'insight_2', key: 'else', content: 'c', tags: [] });
    await services.close();
  });

  test('says what was decided, learned and kept, and who has it locked', async () => {
    expect(await findSession(pool, 'proj_a', sessionId)).toEqual({
      sessionId,
      projectId: 'proj_a',
      agentId,
      agentName: 'ann',
      task: 'Rework auth',
      status: 'active',
      summary: null,
      startedAt: expect.any(Date),
      endedAt: null,
      now: expect.any(Date),
      filesTouched: ['src/auth/**'],
      filesLocked: ['src/auth/**'],
      decisions: [{ id: 'dec_1', topic: 'auth', decision: 'Use tokens' }],
      insights: [{ id: 'insight_1', key: 'auth-flow' }],
      stashes: [{ id: 'stash_1', name: 'auth-notes' }],
    });
  });

  test('files that hooks saw edited are those that were touched', async () => {
    await pool.query(
      `INSERT INTO file_writes (project_id, worktree, path, agent_id, content_hash, written_at) VALUES
         ('proj_a', '/w', 'src/auth/login.ts', $1, 'x', now()),
         ('proj_a', '/w', 'src/other.ts', 'agent_other', 'x', now()),
         ('proj_a', '/w', 'src/before.ts', $1, 'x', now() - interval '1 day')`,
      [agentId],
    );
    const found = await findSession(pool, 'proj_a', sessionId);
    expect([found?.filesTouched, found?.filesLocked]).toEqual([['src/auth/login.ts'], ['src/auth/**']]);
  });

  test('is found in its own project only', async () => {
    expect(await findSession(pool, 'proj_b', sessionId)).toBeNull();
    expect(await findSession(pool, 'proj_a', 'sess_nothing')).toBeNull();
  });
});
