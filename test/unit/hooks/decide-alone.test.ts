import { describe, expect, test } from 'vitest';
import { createLoneDecider } from '../../../src/hooks/ask/decide-alone.js';
import type { HookVerdict } from '../../../src/ipc/control-protocol.js';

const PASS: HookVerdict = { popstash: 'verdict', decision: 'pass' };
const decider = (mode: 'advisory' | 'guarded', event: 'pre-tool-use' | 'post-tool-use' | 'stop', hearsBefore = true) =>
  createLoneDecider({ event, mode, isHeard: () => hearsBefore });

describe.each([
  ['no server', (on: ReturnType<typeof decider>) => on.decide('edit', 'its server does not run')],
  ['what can not be checked', (on: ReturnType<typeof decider>) => on.addUnchecked(PASS, 'it names no file')],
])('%s', (_what, decide) => {
  test('is refused in guarded mode, and told in advisory mode', () => {
    expect(decide(decider('guarded', 'pre-tool-use'))).toMatchObject({ decision: 'deny' });
    expect(decide(decider('advisory', 'pre-tool-use'))).toMatchObject({ decision: 'tell' });
  });

  test('is told after the edit where the client hands nothing on before', () => {
    expect(decide(decider('advisory', 'post-tool-use', false))).toMatchObject({ decision: 'tell' });
    expect(decide(decider('advisory', 'post-tool-use', true))).toEqual(PASS);
    expect(decide(decider('guarded', 'stop', false))).toEqual(PASS);
  });
});

test('what the server says stays: a denial as it is, a warning beside', () => {
  const denied: HookVerdict = { ...PASS, decision: 'deny', message: 'held' };
  expect(decider('advisory', 'pre-tool-use').addUnchecked(denied, 'why')).toEqual(denied);
  const told = decider('advisory', 'pre-tool-use').addUnchecked(
    { ...PASS, decision: 'tell', message: 'warned' },
    'why',
  );
  expect(told.message).toMatch(/^warned\n.*: why\./);
  expect(decider('guarded', 'pre-tool-use').addUnchecked(PASS, undefined)).toEqual(PASS);
});

test('a command is no edit', () => {
  expect(decider('guarded', 'pre-tool-use').decide('shell', 'no server')).toEqual(PASS);
});
