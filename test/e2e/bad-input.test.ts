// Arguments that tools refuse, each by its name.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Working } from '../support/locks/team.js';
import { connectClient, type TestClient, ToolCallError } from '../support/processes/client.js';

describe('bad input', () => {
  let client: TestClient;

  beforeAll(async () => {
    client = await connectClient();
  });

  test.each([
    ['start_task', {}, 'task'],
    ['start_task', { task: '  ' }, 'task'],
    ['start_task', { task: 'a\0b' }, 'task'],
    ['start_task', { task: 'lone \ud800 half' }, 'task'],
    ['start_task', { task: 'x', files: {} }, 'files'],
    ['start_task', { task: 'x', files: ['a.ts', '../outside.ts'] }, 'files[1]'],
    ['start_task', { task: 'x', files: ['a.ts', 'b\0.ts'] }, 'files[1]'],
    ['start_task', { task: 'x', wait_seconds: 51 }, 'wait_seconds'],
    ['start_task', { task: 'x', ttl_minutes: 0 }, 'ttl_minutes'],
    ['start_task', { task: 'x', ttl_minutes: 1.5 }, 'ttl_minutes'],
    ['end_task', {}, 'summary'],
    ['end_task', { summary: '' }, 'summary'],
    ['end_task', { summary: 'x', tokens_in: -1 }, 'tokens_in'],
    ['end_task', { summary: 'x', model: 'a\0b' }, 'model'],
    ['acquire', {}, 'patterns'],
    ['acquire', { patterns: [] }, 'patterns'],
    ['acquire', { patterns: [''] }, 'patterns[0]'],
    ['acquire', { patterns: Array.from({ length: 101 }, (_, i) => `${i}.ts`) }, 'patterns'],
    ['acquire', { patterns: ['a.ts'], mode: 'both' }, 'mode'],
    ['release', { patterns: ['/etc/passwd'] }, 'patterns[0]'],
    ['announce', { message: 'x\0' }, 'message'],
    ['announce', { message: 'x', files: ['two\nlines'] }, 'files[0]'],
    ['who_is_working', { verbose: true }, 'verbose'],
  ])('%s refuses it by the name of its argument: %j', async (tool, args, argument) => {
    const failure = await client.call(tool, args).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ToolCallError);
    expect(failure).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining(argument) });
    expect((failure as ToolCallError).fix).not.toBe('');
    const { active_agents } = await client.call<Working>('who_is_working');
    expect(active_agents).toEqual([]);
  });
});
