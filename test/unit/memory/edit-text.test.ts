import { expect, test } from 'vitest';
import { readEditText, writeEditText } from '../../../src/cli/memory/edit-text.js';

const RECORD = {
  id: 'insight_1',
  version: 1,
  metadata: {},
  author: null,
  sessionId: null,
  createdAt: new Date(0),
  expiresAt: null,
  supersededBy: null,
  supersededAt: null,
  forgottenAt: null,
  forgetReason: null,
  reasoning: null,
  name: null,
  tags: [] as string[],
  files: [] as string[],
};

test.each([
  {
    ...RECORD,
    kind: 'insight' as const,
    name: 'key: with a colon',
    text: '\n# text\n---\nkey: no head\n\n',
    tags: ['a b', 'c'],
  },
  { ...RECORD, kind: 'insight' as const, text: 'one line' },
  { ...RECORD, kind: 'stash' as const, name: 'half done', text: 'a\r\nb', files: ['src/a,b.ts', ' c'.trim()] },
  {
    ...RECORD,
    kind: 'decision' as const,
    name: 'storage',
    text: 'PostgreSQL\n--- reasoning ---\nno',
    reasoning: 'it\n---\nlasts\n',
  },
  { ...RECORD, kind: 'decision' as const, name: 'storage', text: 'PostgreSQL', reasoning: null },
])('$kind: what is not edited is read as it was written', (record) => {
  const { text, divider } = writeEditText(record);
  const { name, reasoning, tags, files } = record;
  expect(readEditText(record.kind, text, divider)).toEqual({ name, text: record.text, reasoning, tags, files });
});

test('a name may be given, changed and taken away', () => {
  const edit = (head: string) => readEditText('insight', `${head}\n---\ntext\n`, '-');
  expect(edit('key: new')).toMatchObject({ name: 'new', text: 'text' });
  expect(edit('key:')).toMatchObject({ name: null });
  expect(edit('')).toMatchObject({ name: null });
});

test('a head that was broken is named, and not taken for text', () => {
  expect(() => readEditText('insight', 'text alone', '-')).toThrow(/---.*missing/);
  expect(() => readEditText('insight', 'topic: storage\n---\ntext', '-')).toThrow(/no key: or tag: line/);
});
