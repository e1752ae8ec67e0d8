// popstash export and import, in both modes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nameClaudeProject } from '../../../src/memory/sources/find-sources.js';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';

const first = await createTestDatabase();
const second = await createTestDatabase();
const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'sources');

describe.each([
  ['embedded', () => ({ POPSTASH_DATA_DIR: createDataFolder() }), () => ({ POPSTASH_DATA_DIR: createDataFolder() })],
  ['server', () => ({ DATABASE_URL: first.url }), () => ({ DATABASE_URL: second.url })],
] as const)('in %s mode', (_mode, createEnv, createOther) => {
  const env = createEnv();
  const runIn = (cwd: string, ...args: string[]) => runCommand(args, { env, cwd });
  const runJson = async (cwd: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runIn(cwd, ...args, '--json');
    if (code !== 0) throw new Error(stderr + stdout);
    return JSON.parse(stdout);
  };

  test('an export is imported into another store, exports equally there, is imported once, and is taken back', async () => {
    const cwd = createFolder();
    const client = await connectClient({ env, cwd, clientName: 'Ada' });
    await client.call('insight', { key: 'ports', content: 'Ports begin at 4000' });
    await client.call('insight', { key: 'ports', content: 'Ports begin at 5000' });
    await client.call('stash', { name: 'wip', summary: 'half \u001b[31m done', files: ['a.ts'] });
    await client.call('decide', { topic: 'storage', decision: 'PostgreSQL', reasoning: 'It lasts' });
    await client.close();
    const file = join(createFolder(), 'memory.jsonl');
    const exported = await runIn(cwd, 'export', '--output', file);
    expect([exported.code, exported.stdout, exported.stderr]).toEqual([0, '', `Wrote 4 memories to ${file}\n`]);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const other = { env: createOther(), cwd };
    const dry = await runCommand(['import', file, '--dry-run'], other);
    expect(dry.stdout).toMatch(
      /4 memories: 4 new, 0 here already, 0 with secrets\nNothing was written\. Without --dry-run 4/,
    );
    const imported = await runCommand(['import', file, '--json'], other);
    const { import_id: id, sources } = JSON.parse(imported.stdout);
    expect(sources).toMatchObject([{ memories: 4, new: 4, duplicate: 0 }]);
    const lines = (text: string) => text.trimEnd().split('\n').slice(1);
    const again = await runCommand(['export'], other);
    expect(lines(again.stdout)).toEqual(lines(readFileSync(file, 'utf8')));
    expect((await runCommand(['import', file], other)).stdout).toMatch(
      /0 new, 4 here already.*\nNothing was written\.\n$/,
    );
    const hits = JSON.parse((await runCommand(['search', 'ports', '--json'], other)).stdout).hits;
    expect(hits[0]).toMatchObject({ name: 'ports', text: 'Ports begin at 5000', author: 'Ada' });

    expect((await runCommand(['import', '--undo'], other)).stdout).toBe(`Took ${id} back: 4 memories removed.\n`);
    expect(lines((await runCommand(['export'], other)).stdout)).toEqual([]);
    expect(await runCommand(['import', '--undo'], other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was imported'),
    });
  });

  test('Markdown is for reading', async () => {
    const cwd = createFolder();
    const client = await connectClient({ env, cwd, clientName: 'Ada' });
    await client.call('insight', { key: 'ports', content: 'Ports \u001b[31m begin' });
    await client.call('decide', { topic: 'storage', decision: 'PostgreSQL', reasoning: 'It lasts' });
    await client.close();
    const { stdout } = await runIn(cwd, 'export', '--format', 'markdown');
    expect(stdout).toMatch(
      /^# What is remembered of .*\n[\s\S]*\n## Insights\n\n### ports\n\n\*`insight_\w+` · by Ada · [\d-]+\*\n\nPorts \[31m begin\n/,
    );
    expect(stdout).toMatch(/\n## Decisions\n\n### storage\n[\s\S]*\nPostgreSQL\n\n\*\*Reasoning:\*\* It lasts\n$/);
  });

  test('auto finds what other tools remember of the project, counts it, takes secrets out and keeps where it is from', async () => {
    const cwd = createFolder();
    const home = createFolder();
    const at = { env: { ...env, HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude') }, cwd };
    const memory = join(home, '.claude', 'projects', nameClaudeProject(cwd), 'memory');
    mkdirSync(memory, { recursive: true });
    cpSync(join(fixtures, 'claude-code'), memory, { recursive: true });
    cpSync(join(fixtures, 'cursor-rules'), join(cwd, '.cursor', 'rules'), { recursive: true });
    mkdirSync(join(cwd, '.beads'));
    cpSync(join(fixtures, 'beads.jsonl'), join(cwd, '.beads', 'issues.jsonl'));
    cpSync(join(fixtures, 'server-memory.jsonl'), join(cwd, 'memory.json'));
    cpSync(join(fixtures, 'instructions.md'), join(cwd, 'CLAUDE.md'));
    writeFileSync(
      join(cwd, 'AGENTS.md'),
      `${readFileSync(join(fixtures, 'instructions.md'), 'utf8')}\nToken: ghp_${'a1B2'.repeat(9)}\n`,
    );

    const dry = await runCommand(['import', '--from', 'auto', '--dry-run', '--json'], at);
    const { stdout, code } = await runCommand(['import', '--from', 'auto', '--json'], at);
    const answer = JSON.parse(stdout);
    // Broken lines of the fixtures are named.
    expect(code).toBe(1);
    expect(answer.sources).toEqual(JSON.parse(dry.stdout).sources);
    const counts = answer.sources.map((each: Record<string, unknown>) => [
      each.source,
      each.new,
      each.duplicate,
      each.with_secrets,
    ]);
    expect(counts).toEqual([
      ['claude-code', 3, 0, 0],
      ['instructions', 3, 0, 0],
      ['instructions', 1, 3, 1],
      ['cursor-rules', 2, 0, 0],
      ['beads', 2, 0, 0],
      ['server-memory', 3, 0, 0],
    ]);
    expect(answer.sources.flatMap((each: { problems: unknown[] }) => each.problems)).toHaveLength(3);
    const exported = (await runCommand(['export'], at)).stdout;
    expect(exported).not.toContain('ghp_');
    expect(exported).toContain('"source":{"format":"cursor-rules","key":"api.mdc"}');

    const { memories } = JSON.parse((await runCommand(['list', '--json'], at)).stdout);
    const rule = memories.find(({ name }: { name: string }) => name === 'Cursor rule api');
    expect((await runCommand(['show', rule.id], at)).stdout).toMatch(/\nimported from cursor-rules: api\.mdc\n/);

    writeFileSync(join(cwd, '.cursor', 'rules', 'language.mdc'), 'Always answer in French.\n');
    const rules = JSON.parse((await runCommand(['import', '--from', 'cursor-rules', '--json'], at)).stdout);
    expect(rules.sources).toMatchObject([{ new: 0, updated: 1, duplicate: 1 }]);
    const list = JSON.parse((await runCommand(['import', '--list', '--json'], at)).stdout);
    expect(list.imports.map(({ memories }: { memories: number }) => memories)).toEqual([1, 14]);
    const undone = await runCommand(['import', '--undo', answer.import_id], at);
    expect(undone.stdout).toMatch(/13 memories removed; 1 stay/);
  });

  test.each([
    ['claude-mem', 'claude-mem.json', 3],
    ['mcp-memory-service', 'mcp-memory-service.json', 2],
    ['basic-memory', 'basic-memory', 2],
  ])('--from %s imports its file or folder', async (source, path, count) => {
    const cwd = createFolder();
    const { stdout } = await runIn(cwd, 'import', '--from', source, join(fixtures, path), '--json');
    expect(JSON.parse(stdout).sources).toMatchObject([{ source, new: count }]);
    const { memories } = await runJson(cwd, 'list');
    expect(memories.map(({ author }: { author: { name: string } }) => author.name)).toEqual(Array(count).fill(source));
  });

  test('wrong input is named', async () => {
    const cwd = createFolder();
    writeFileSync(join(cwd, 'x.json'), '{}\n');
    writeFileSync(join(cwd, 'new.jsonl'), '{"format":"popstash-memory","format_version":99}\n');
    const told = async (...args: string[]) => {
      const { code, stderr } = await runIn(cwd, 'import', ...args);
      return `${code} ${stderr}`;
    };
    expect(await told('x.json')).toMatch(/^1 popstash: The file is no export of PopStash/);
    expect(await told('new.jsonl')).toMatch(/^1 popstash: .*format version 99/);
    expect(await told('nowhere')).toMatch(/^1 popstash: .*nowhere can't be read/);
    expect(await told()).toMatch(/^1 popstash: Nothing of popstash was found/);
    expect(await told('--from', 'nothing')).toMatch(/^2 /);
    expect((await runIn(cwd, 'import', '--from', 'auto')).stdout).toBe(
      'Other tools remember nothing of this project.\n',
    );
  });
});

test('an export whose reader has gone ends without a word', async () => {
  const cwd = createFolder();
  const env = childEnvironment({ POPSTASH_DATA_DIR: createDataFolder() });
  const text = ['{"format":"popstash-memory","format_version":1}'];
  for (let n = 0; n < 400; n += 1) {
    const id = `insight_${String(n).padStart(16, '0')}`;
    text.push(
      JSON.stringify({ type: 'insight', id, text: `fact ${n} `.repeat(100), created_at: '2026-01-01T00:00:00Z' }),
    );
  }
  const imported = await runCommand(['import', '-'], { env, cwd, input: text.join('\n') });
  expect(imported.stdout).toMatch(/400 memories: 400 new/);
  const child = spawn(process.execPath, [MAIN, 'export'], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  expect([code, stderr]).toEqual([0, '']);
});
