import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { type Activity, activityLine, createActivityView } from '../../src/cli/output/show-timeline.js';
import { createPainter } from '../../src/cli/terminal/paint.js';

const activity: Activity = {
  id: '7',
  at: new Date('2026-11-26T23:30:05Z'),
  agentId: 'agent_0123456789abcdef',
  agentName: 'Maple',
  agentClient: 'claude-code',
  sessionId: null,
  type: 'task_ended',
  subject: 'Done',
  metadata: { task: 'Add JWT authentication' },
  description: 'Completed: Add JWT authentication',
};
const view = (width: number, timezone = 'Europe/Berlin') => createActivityView(timezone, width, createPainter(false));

test('times are local, and columns stand below each other', () => {
  expect(view(80)(activity)).toEqual(['2026-11-27 00:30  Maple             Completed: Add JWT authentication']);
  expect(view(80, 'America/New_York')(activity)[0]).toMatch(/^2026-11-26 18:30 {2}/);
  expect(view(Number.POSITIVE_INFINITY)(activity)).toEqual([
    '2026-11-27 00:30:05  agent_0123456789abcdef  Maple (claude-code)           Completed: Add JWT authentication',
  ]);
  expect(view(40)(activity)).toEqual(['2026-11-27 00:30  Maple', '  Completed: Add JWT authentication']);
});

test('an agent that has the name of an earlier one is told from it, in one list', () => {
  const show = view(80);
  const later = { ...activity, agentId: 'agent_0123456789abcxyz' };
  expect(show(activity)[0]).toContain('  Maple  ');
  expect(show(later)[0]).toContain('  Maple cxyz  ');
  expect(show(activity)[0]).toContain('  Maple  ');
  expect(view(80)(later)[0]).toContain('  Maple  ');
});

test('texts of agents stay in their line', () => {
  const long = { ...activity, agentName: '设计\u001b[2J代理'.repeat(20), description: 'Decided:\n重构 '.repeat(60) };
  for (const width of [40, 60, 80, 120, 200]) {
    for (const line of view(width)(long)) {
      expect(stringWidth(line)).toBeLessThanOrEqual(width);
      expect(line).not.toContain('\n');
      expect(line).not.toContain('\u001b');
    }
  }
  expect(view(80)({ ...activity, agentName: null })[0]).toContain('  agent_012345678…  ');
  expect(view(80)({ ...activity, agentName: null, agentId: null })[0]).toContain('Completed');
});

test('a line for scripts is one JSON object', () => {
  const line = activityLine({ ...activity, description: 'two\nlines' });
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    id: '7',
    time: '2026-11-26T23:30:05.000Z',
    agent_id: 'agent_0123456789abcdef',
    agent: 'Maple',
    client: 'claude-code',
    session_id: null,
    type: 'task_ended',
    description: 'two\nlines',
    subject: 'Done',
    metadata: { task: 'Add JWT authentication' },
  });
});
