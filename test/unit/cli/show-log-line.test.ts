import { expect, test } from 'vitest';
import { createLogView } from '../../../src/cli/output/show-log-line.js';
import { createPainter } from '../../../src/cli/terminal/paint.js';

const screen = { timezone: 'Europe/Berlin', painter: createPainter(false) };
const line = (fields: object) => JSON.stringify({ time: 1_795_764_476_703, pid: 1, name: 'server', ...fields });

test('a line of the log for people: time, level, name, message, the error and what else it says', () => {
  const view = createLogView('trace', screen);
  expect(view(line({ level: 30, msg: 'ending', reason: 'stopping', agents: 2 }))).toEqual([
    '2026-11-27 08:27:56  info   server: ending  reason=stopping  agents=2',
  ]);
  expect(view(line({ level: 50, msg: 'it failed', err: { message: 'no\nspace', stack: 'at x' } }))).toEqual([
    '2026-11-27 08:27:56  error  server: it failed  (no space)',
  ]);
});

test('lower levels are left out; what is no JSON stays as it is, and never moves a cursor', () => {
  const view = createLogView('warn', screen);
  expect(view(line({ level: 30, msg: 'quiet' }))).toEqual([]);
  expect(view('popstash: plain words')).toEqual(['popstash: plain words']);
  expect(view('')).toEqual([]);
  expect(createLogView('warn', null)(line({ level: 40, msg: 'raw' }))).toEqual([line({ level: 40, msg: 'raw' })]);
});
