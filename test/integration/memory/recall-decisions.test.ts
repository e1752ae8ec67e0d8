// What recall reads of a decision: its words and its reasoning apart, within one limit of characters.
import { expect, test } from 'vitest';
import { createDecisionRepository } from '../../../src/memory/decisions/decision-repository.js';
import { createRecallRepository } from '../../../src/memory/recall/recall-repository.js';
import { newId } from '../../../src/text/ids.js';
import { createTestDatabase } from '../../support/setup/database.js';

const { pool } = await createTestDatabase();
const actor = { projectId: 'p', agentId: 'agent_me', sessionId: null };
await pool.query("INSERT INTO projects (id, root) VALUES ('p', '/p')");
await pool.query("INSERT INTO agents (id, project_id, name) VALUES ('agent_me', 'p', 'me')");

async function readDecision(reasoning: string | null, maxChars: number) {
  const id = newId('dec_');
  await createDecisionRepository(pool).save(actor, {
    id,
    topic: `topic of ${id}`,
    decision: '0123456789',
    reasoning,
    supersedes: null,
  });
  const [memory] = await createRecallRepository(pool).findByIds('p', [id], maxChars);
  return { content: memory?.content, reasoning: memory?.reasoning, unreadChars: memory?.unreadChars };
}

test.each([
  ['both in full', 'because', 100, { content: '0123456789', reasoning: 'because', unreadChars: 0 }],
  ['the reasoning cut', 'because', 12, { content: '0123456789', reasoning: 'be', unreadChars: 5 }],
  ['no reasoning where the decision takes all', 'because', 8, { content: '01234567', reasoning: null, unreadChars: 9 }],
  ['a decision without reasoning', null, 100, { content: '0123456789', reasoning: null, unreadChars: 0 }],
])('reads %s', async (_name, reasoning, maxChars, read) => {
  expect(await readDecision(reasoning, maxChars)).toEqual(read);
});
