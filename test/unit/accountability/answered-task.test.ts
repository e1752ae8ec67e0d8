import { expect, test } from 'vitest';
import { nameAnsweredCall } from '../../../src/accountability/clients/answered-task.js';

const answer = JSON.stringify({ agent_id: 'agent_a', session_id: 'sess_0a1b', locks: {} });

test('a call is named by the task that PopStash answered with', () => {
  expect(nameAnsweredCall('popstash_start_task', answer)).toEqual(['start_task sess_0a1b']);
  const ended = JSON.stringify({ status: 'completed', session_id: 'sess_0a1b', duration: '1 minute' });
  expect(nameAnsweredCall('mcp__popstash__end_task', ended)).toEqual(['end_task sess_0a1b']);
  expect(nameAnsweredCall('start_task', [{ functionResponse: { response: { output: answer } } }])).toEqual([
    'start_task sess_0a1b',
  ]);
});

test('no other call has such a name', () => {
  for (const [tool, said] of [
    ['restart_task', answer],
    ['start_tasks', answer],
    ['bash', answer],
    [null, answer],
    ['start_task', null],
    [
      'start_task',
      JSON.stringify({ agent_id: 'agent_a', locks: { conflicts: [{ held_by: 'agent_b', session_id: 'sess_b' }] } }),
    ],
    ['start_task', ' '.repeat(2_000) + answer],
  ] as const) {
    expect(nameAnsweredCall(tool, said), `${tool} ${said}`).toEqual([]);
  }
});
