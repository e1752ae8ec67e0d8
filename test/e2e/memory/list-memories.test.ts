import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';

const database = await createTestDatabase();

describe.each([
  ['embedded', () => ({ POPSTASH_DATA_DIR: createDataFolder() })],
  ['server', () => ({ DATABASE_URL: database.url })],
] as const)('popstash list in %s mode', (_mode, createEnv) => {
  test('shows what the project has stored, newest first', async () => {
    const at = { env: createEnv(), cwd: createFolder() };
    expect((await runCommand(['list'], at)).stdout).toBe('Nothing is stored yet.\n');
    const client = await connectClient({ ...at, clientName: '编程助手' });
    await client.call('stash', { name: 'first', summary: 'Half of the parser' });
    const { insight_id: id } = await client.call<{ insight_id: string }>('insight', { content: 'Tabs, not\nspaces' });
    await client.close();

    const { code, stdout, stderr } = await runCommand(['list'], at);
    expect([code, stderr]).toEqual([0, '']);
    const [newest = '', oldest = ''] = stdout.trimEnd().split('\n');
    expect(newest).toMatch(new RegExp(`insight +${id} +\\S.* +编程助手 +Tabs, not spaces$`));
    expect(oldest).toMatch(/stash +stash_\w+ +\S.* +编程助手 +first: Half of the parser$/);
    const widthBefore = (line: string, text: string) => stringWidth(line.slice(0, line.indexOf(text)));
    expect(widthBefore(oldest, 'first')).toBe(widthBefore(newest, 'Tabs'));

    const json = JSON.parse((await runCommand(['list', 'insights', '--limit', '1', '--json'], at)).stdout);
    expect(json.memories).toMatchObject([{ kind: 'insight', id, author: { name: '编程助手' } }]);
    expect((await runCommand(['list', 'decisions'], at)).stdout).toBe('Nothing like that is stored.\n');
    const listed = async (...args: string[]) => {
      const { memories } = JSON.parse((await runCommand(['list', '--json', ...args], at)).stdout);
      return memories.map(({ kind }: { kind: string }) => kind);
    };
    expect(await listed('--author', '编程助手', '--since', '1h')).toEqual(['insight', 'stash']);
    expect(await listed('--kind', 'stash')).toEqual(['stash']);
    expect(await listed('--author', 'nobody')).toEqual([]);
    expect((await runCommand(['list', '--since', 'soon'], at)).code).toBe(2);
  });
});

test('a database that is away is named as such', async () => {
  const { code, stderr } = await runCommand(['list'], { env: { DATABASE_URL: 'postgres://127.0.0.1:1/none' } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^popstash: .*database/i);
});
