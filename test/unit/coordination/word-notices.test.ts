import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/coordination/notices/notice-types.js';
import { wordNotice } from '../../../src/coordination/notices/word-notices.js';

const createdAt = new Date();
const lock = (pattern: string) => ({ id: `lock_${pattern}`, pattern, token: 7 });

const TOLD: Record<string, { notice: Notice; message: string; data: Record<string, unknown> }> = {
  'an announcement': {
    notice: {
      kind: 'announcement',
      facts: { message: 'I rename lib/', announcement_id: 'ann_1', from: 'agent_b', name: 'bob', files: ['lib/'] },
      createdAt,
    },
    message: 'I rename lib/',
    data: { announcement_id: 'ann_1', from: 'agent_b', name: 'bob', files: ['lib/'] },
  },
  'an expired lock': {
    notice: { kind: 'lock_lost', facts: { reason: 'expired', locks: [lock('a.ts'), lock('b.ts')] }, createdAt },
    message: 'Your lock on a.ts, b.ts has expired. Call acquire before you edit there again.',
    data: { locks: [lock('a.ts'), lock('b.ts')] },
  },
  'a lock that a person released': {
    notice: {
      kind: 'lock_lost',
      facts: { reason: 'forced', note: 'gone home (me)', locks: [lock('a.ts')] },
      createdAt,
    },
    message: 'Your lock on a.ts was released by the user: "gone home (me)". Call acquire before you edit there again.',
    data: { locks: [lock('a.ts')] },
  },
  'a lock that a person released without a word': {
    notice: { kind: 'lock_lost', facts: { reason: 'forced', locks: [lock('a.ts')] }, createdAt },
    message: 'Your lock on a.ts was released by the user. Call acquire before you edit there again.',
    data: { locks: [lock('a.ts')] },
  },
  'a lock that expires soon': {
    notice: {
      kind: 'lock_expiring',
      facts: {
        silent_seconds: 720,
        locks: [{ id: 'lock_1', pattern: 'a.ts', session_id: 'sess_1', expires_at: '2026-11-26T12:00:00Z' }],
      },
      createdAt,
    },
    message:
      'Your lock on a.ts was about to expire: there was no sign of its session for 12 minutes.' +
      ' A call in that session keeps it; release it if you are done.',
    data: { locks: [{ id: 'lock_1', pattern: 'a.ts', session_id: 'sess_1', expires_at: '2026-11-26T12:00:00Z' }] },
  },
  'a file that another agent changed': {
    notice: {
      kind: 'shell_write',
      facts: { files: ['a.ts'], command: 'sed -i s/a/b/ a.ts', by: 'agent_b', by_name: 'Bob (claude-code)' },
      createdAt,
    },
    message:
      'a.ts, held by you, changed while Bob (claude-code) ran a shell command: "sed -i s/a/b/ a.ts".' +
      ' Read it again before you go on, and agree with that agent (announce) who edits it.',
    data: { files: ['a.ts'], command: 'sed -i s/a/b/ a.ts', by: 'agent_b' },
  },
  'files that an unknown agent changed': {
    notice: {
      kind: 'shell_write',
      facts: { files: Array.from({ length: 3 }, (_, n) => `f${n}`), count: 900, command: 'make', by: 'nobody' },
      createdAt,
    },
    message:
      'f0, f1, f2 and 897 more, held by you, changed while an agent that could not be told ran a shell' +
      ' command: "make". Read it again before you go on, and agree with that agent (announce) who edits it.',
    data: { files: Array.from({ length: 3 }, (_, n) => `f${n}`), count: 900, command: 'make', by: 'nobody' },
  },
  'files that several agents may have changed': {
    notice: {
      kind: 'shell_write',
      facts: {
        ...{ files: ['a.ts'], command: 'true', by: 'agent_b', by_name: 'Bob (claude-code)' },
        ...{ or_by: ['you', 'Carol (claude-code)'], partial: true },
      },
      createdAt,
    },
    message:
      'a.ts, held by you, changed while Bob (claude-code) ran a shell command: "true". At the same time worked: you, Carol' +
      ' (claude-code). It may be of either: read it again before you go on. Not all held files could be compared.',
    data: {
      ...{ files: ['a.ts'], command: 'true', by: 'agent_b' },
      ...{ or_by: ['you', 'Carol (claude-code)'], partial: true },
    },
  },
  'a commit that a person let pass': {
    notice: {
      kind: 'guard_override',
      facts: { event: 'pre-commit', reason: 'the release waits', files: ['a.ts'], count: 3 },
      createdAt,
    },
    message: 'A person committed a.ts and 2 more, held by you: "the release waits". Look at it before you go on.',
    data: { event: 'pre-commit', files: ['a.ts'], count: 3 },
  },
  'a memory that another agent replaced': {
    notice: {
      kind: 'memory_replaced',
      facts: {
        ...{ kind: 'insight', id: 'ins_1', version: 1, name: 'port', replaced_by: 'ins_2', by: 'agent_b' },
        author: {
          id: 'agent_b',
          name: 'Maple',
          client: 'cursor',
          terminal: 'tmux %3',
          task: 'Move "it"',
          isMain: true,
        },
        excerpt: 'The port is 9000.',
      },
      createdAt,
    },
    message:
      'Maple (cursor, tmux %3, task "Move \'it\'") saved something else under your insight "port": "The port is 9000.". ' +
      'Yours is kept as version 1: recall with id "ins_1".',
    data: {
      kind: 'insight',
      id: 'ins_1',
      version: 1,
      name: 'port',
      replaced_by: 'ins_2',
      by: 'agent_b',
      excerpt: 'The port is 9000.',
    },
  },
  'a memory that a person brought back': {
    notice: {
      kind: 'memory_replaced',
      facts: { kind: 'stash', id: 'st_1', version: 2, name: 'wip', replaced_by: 'st_3', excerpt: 'old' },
      createdAt,
    },
    message:
      'A person brought back another version of your stash "wip": "old". Yours is kept as version 2: recall with id "st_1".',
    data: { kind: 'stash', id: 'st_1', version: 2, name: 'wip', replaced_by: 'st_3', excerpt: 'old' },
  },
  'a decision that was superseded': {
    notice: { kind: 'superseded', facts: { decision_id: 'dec_1', superseded_by: 'dec_2' }, createdAt },
    message: 'Decision dec_1, which you were given, was superseded by dec_2. Call get_decisions before you rely on it.',
    data: { decision_id: 'dec_1', superseded_by: 'dec_2' },
  },
};

describe('a notice is worded:', () => {
  test.each(Object.entries(TOLD))('%s', (_name, { notice, message, data }) => {
    expect(wordNotice(notice)).toEqual({ message, data });
  });

  test('with the end of a long pattern, never half of a character, and as many as 500 characters hold', () => {
    const locks = Array.from({ length: 9 }, () => lock(`${'🦓'.repeat(600)}.ts`));
    const { message } = wordNotice({ kind: 'lock_lost', facts: { reason: 'expired', locks }, createdAt });
    const name = `"…${'🦓'.repeat(78)}.ts"`;
    expect(message).toBe(
      `Your lock on ${name}, ${name}, ${name} and 6 more has expired. Call acquire before you edit there again.`,
    );
  });
});
