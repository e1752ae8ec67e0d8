import { expect, test } from 'vitest';
import * as z from 'zod';
import { type AdminAnswer, adminReply, adminRequests } from '../../../src/mcp/admin/admin-protocol.js';
import { nameOnly } from '../../../src/text/word-agent.js';

const NOW = new Date('2026-03-01T12:00:00.250Z');

const locks: AdminAnswer<'locks'> = {
  locks: [
    {
      id: 'lock_1',
      pattern: 'lib/**',
      worktree: '/repo',
      branch: 'main',
      key: 'lib/**',
      isGlob: true,
      mode: 'exclusive',
      token: 3,
      origin: 'tool',
      acquiredAt: NOW,
      expiresAt: new Date(NOW.getTime() + 60_000),
      agentId: 'agent_1',
      agentName: 'Maple',
      holder: { ...nameOnly('agent_1', 'Maple'), client: 'claude', pid: 7 },
      sessionId: null,
      task: 'Refactor',
      lastActive: NOW,
    },
  ],
  waits: [],
  now: NOW,
};

/** As the server writes it and the command line reads it. */
function send(answer: AdminAnswer<'locks'>): unknown {
  const wire = JSON.stringify(z.encode(adminRequests.locks.answer, answer));
  const { error: _, ...reply } = adminReply.parse(JSON.parse(wire));
  return adminRequests.locks.answer.parse(reply);
}

test('an answer arrives as it was sent, dates included', () => {
  expect(send(locks)).toEqual(locks);
});

test('an answer of another shape is refused at either end, and fields that are not known are left out', () => {
  const [held] = locks.locks;
  expect(() => adminRequests.locks.answer.parse({ ...locks, now: 'yesterday' })).toThrow('now');
  expect(() => z.encode(adminRequests.locks.answer, { ...locks, now: 'yesterday' as never })).toThrow('now');
  expect(() => send({ ...locks, locks: [{ ...held!, mode: 'loose' as never }] })).toThrow('mode');
  expect(send({ ...locks, more: 1 } as never)).toEqual(locks);
});

test('a failure arrives with its code and fix; a code that is not ours is refused', () => {
  const error = { code: 'not_found', message: 'It is gone.', fix: 'Look again.' };
  expect(adminReply.parse({ error })).toEqual({ error });
  expect(() => adminReply.parse({ error: { ...error, code: 'mystery' } })).toThrow('code');
});
