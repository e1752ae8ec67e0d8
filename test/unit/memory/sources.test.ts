// Each importer on a fixture that was written by hand after the format's own documentation.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFrontMatter } from '../../../src/memory/sources/read-front-matter.js';
import { readSource } from '../../../src/memory/sources/read-source.js';
import { SOURCES, type SourceName } from '../../../src/memory/sources/source-list.js';
import { splitSections } from '../../../src/memory/sources/split-sections.js';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'sources');
const read = async (name: SourceName, path: string, label?: string) => {
  const { records, problems } = await readSource(name, join(folder, path), label);
  return {
    problems: problems.map(({ where }) => where),
    memories: records.map(({ kind, name: called, text, tags, createdAt, provenance }) => ({
      kind,
      name: called,
      text,
      tags,
      at: createdAt?.toISOString() ?? null,
      key: provenance.key,
    })),
    authors: [...new Set(records.map(({ author }) => author?.name))],
  };
};

test('server-memory: an entity with its observations and relations', async () => {
  expect(await read('server-memory', 'server-memory.jsonl')).toEqual({
    problems: ['line 5', 'line 6'],
    authors: ['server-memory'],
    memories: [
      {
        kind: 'insight',
        name: 'PaymentService',
        text: '- Retries three times\n- Owned by the billing team\nRelations:\n- writes_to: Ledger',
        tags: ['service'],
        at: null,
        key: 'PaymentService',
      },
      {
        kind: 'insight',
        name: 'Ledger',
        text: 'Relations:\n- is writes_to of: PaymentService',
        tags: ['database'],
        at: null,
        key: 'Ledger',
      },
      { kind: 'insight', name: 'Nobody', text: 'Nobody', tags: [], at: null, key: 'Nobody' },
    ],
  });
});

test('mcp-memory-service: content, tags in either form, type and time', async () => {
  expect(await read('mcp-memory-service', 'mcp-memory-service.json')).toEqual({
    problems: ['memory 3'],
    authors: ['mcp-memory-service'],
    memories: [
      {
        kind: 'insight',
        name: null,
        text: 'The staging cluster has two nodes',
        tags: ['infra', 'staging', 'reference'],
        at: '2026-01-01T00:00:00.500Z',
        key: 'a1f0',
      },
      {
        kind: 'insight',
        name: null,
        text: 'Deploys happen on Tuesdays',
        tags: ['release', 'infra'],
        at: '2026-02-01T08:00:00.000Z',
        key: 'b2e1',
      },
    ],
  });
});

test('claude-mem: observations, decisions and summaries; what users typed stays out', async () => {
  const { memories, problems } = await read('claude-mem', 'claude-mem.json');
  expect(problems).toEqual([]);
  expect(memories).toEqual([
    {
      kind: 'insight',
      name: null,
      text: 'Session cookie was not secure\nFlag set in the gateway\nThe gateway dropped the Secure flag.\n- Cookie is set in gateway.ts\n- Tests cover it\nFiles: src/gateway.ts, test/gateway.test.ts',
      tags: ['bugfix', 'shop', 'gotcha'],
      at: '2026-04-01T12:00:00.000Z',
      key: '["s-1","Session cookie was not secure",1775044800000]',
    },
    {
      kind: 'decision',
      name: 'Tokens are opaque',
      text: 'JWTs could not be revoked.',
      tags: [],
      at: '2026-04-01T13:00:00.000Z',
      key: '["s-2","Tokens are opaque",1775048400000]',
    },
    {
      kind: 'insight',
      name: null,
      text: 'Request: Fix the cookie\nLearned: The gateway rewrites headers\nCompleted: Flag restored',
      tags: ['session-summary', 'shop'],
      at: '2026-04-01T12:03:20.000Z',
      key: '["s-1","summary",1775045000000]',
    },
  ]);
});

test('beads: an issue with its design, dependencies and comments, under its id; a deleted one stays out', async () => {
  const { memories, problems } = await read('beads', 'beads.jsonl');
  expect(problems).toEqual(['line 4']);
  expect(memories).toEqual([
    {
      kind: 'insight',
      name: 'bd-1: Search is slow',
      text: [
        'Search is slow (closed)',
        'Over 2 s on large carts',
        'Design: Add an index',
        'Acceptance: p95 < 200 ms',
        'Notes: See profiling',
        'Closed: 2026-02-04T00:00:00Z, done',
        '- blocks: bd-2',
        '- ada: Index helped',
      ].join('\n'),
      tags: ['perf', 'closed', 'bug'],
      at: '2026-02-01T00:00:00.000Z',
      key: 'bd-1',
    },
    {
      kind: 'insight',
      name: 'bd-2: Profile the cart',
      text: 'Profile the cart (open)',
      tags: ['open'],
      at: '2026-01-31T00:00:00.000Z',
      key: 'bd-2',
    },
  ]);
});

test('basic-memory: notes with their observations and relations, by permalink or path', async () => {
  const { memories } = await read('basic-memory', 'basic-memory');
  expect(memories).toMatchObject([
    {
      name: 'Queue choice',
      text: expect.stringMatching(
        /^# Queue choice\n[\s\S]*- \[decision\] BullMQ on Redis #jobs\n[\s\S]*relates_to \[\[Storage\]\]$/,
      ),
      tags: ['architecture', 'queue', 'jobs'],
      at: '2026-03-05T10:00:00.000Z',
      key: 'decisions/queue-choice',
    },
    { name: 'storage', text: 'No head at all, see #storage', tags: ['storage'], key: 'storage.md' },
  ]);
});

test("Claude Code's memory: the sections of MEMORY.md, and one fact a file", async () => {
  const { memories, authors } = await read('claude-code', 'claude-code');
  expect(authors).toEqual(['claude-code']);
  expect(memories).toMatchObject([
    { name: 'MEMORY.md > Memory', text: '- [Tests](tests.md): how tests run' },
    { name: 'MEMORY.md > Memory > Preferences', text: 'Use pnpm, not npm.\n\n```sh\n# not a heading\npnpm test\n```' },
    {
      name: 'tests-need-redis',
      text: 'Tests start a Redis of their own\n\nRun `pnpm test`; port 6390 must be free. See [[ports]].',
      tags: ['project'],
      key: 'tests.md',
    },
  ]);
});

test('CLAUDE.md and AGENTS.md: a section an insight, without what popstash init wrote', async () => {
  const { memories } = await read('instructions', 'instructions.md', 'AGENTS.md');
  expect(memories.map(({ name, text }) => [name, text])).toEqual([
    ['AGENTS.md', 'Keep answers short.'],
    ['AGENTS.md > Shop > Build', '`make all`\n\n### Windows\n\nUse WSL.'],
    ['AGENTS.md > Shop > Style', 'Tabs.'],
  ]);
});

test('Cursor rules: description, globs and text', async () => {
  const { memories } = await read('cursor-rules', 'cursor-rules');
  expect(memories.map(({ name, text }) => [name, text])).toEqual([
    ['Cursor rule api', 'Rules of the HTTP API\n\nFor files: src/api/**/*.ts, src/routes/**\n\n- Return problem+json.'],
    ['Cursor rule language', 'Always answer in English.'],
  ]);
});

describe('a file of another format', () => {
  test.each(['popstash', 'mcp-memory-service', 'claude-mem'] as const)('is refused by %s', (name) => {
    expect(() => SOURCES[name].read('[]', 'x.json')).toThrow(/is no export/);
  });

  test('is told line by line by those of lines', () => {
    const text = readFileSync(join(folder, 'beads.jsonl'), 'utf8');
    expect(SOURCES['server-memory'].read(text, 'x').problems).toHaveLength(4);
  });
});

test('a heading within a code block is none, and the same heading twice gives two keys', async () => {
  expect(splitSections('~~~\n# a\n~~~\n\n# b\ntext\n# b\nmore').map(({ path }) => path)).toEqual([[], ['b'], ['b']]);
});

test('a head in YAML is read as tools write it', () => {
  const { fields, body } = readFrontMatter(
    '---\r\na: "x: y"\nlist: [p, \'q\']\nempty:\nn:\n  deep: 1\n---\r\nbody\n---\n',
  );
  expect([...fields]).toEqual([
    ['a', ['x: y']],
    ['list', ['p', 'q']],
    ['empty', []],
    ['n', []],
    ['n.deep', ['1']],
  ]);
  expect(body).toBe('body\n---\n');
});
