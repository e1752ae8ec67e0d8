// Files that are not ours can neither stop nor fill the one server that serves everybody.
import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount, mountSilent } from '../support/files/silent-mount.js';
import { connectClient, type TestClient } from '../support/processes/client.js';
import { runCommand } from '../support/processes/processes.js';
import { createDataFolder, createFolder } from '../support/setup/folders.js';
import { waitUntil } from '../support/setup/wait-until.js';

function createRepository(): string {
  const folder = realpathSync(createFolder());
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
  git(...author, 'commit', '-q', '--allow-empty', '-m', `first ${folder}`);
  return folder;
}

/** How long each call took, in ms, while `work` went on. */
async function timesDuring(client: TestClient, work: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  for (let index = 0; !isDone || times.length < 5; index += 1) {
    for (const [tool, args] of [
      ['ping', {}],
      ['acquire', { patterns: [`own-${index}.ts`] }],
      ['release', { patterns: [`own-${index}.ts`] }],
    ] as const) {
      const startedAt = performance.now();
      await client.call(tool, args);
      times.push(performance.now() - startedAt);
    }
  }
  return times;
}

/** A call that waited for the files of another client would take as long as these are waited for, or for ever. */
function expectUnheld(times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(1_000);
  expect(sorted.at(-1)).toBeLessThan(10_000);
}

describe.runIf(canMount())('a network mount that does not answer', () => {
  test('holds up the call that leads there, and no other one', async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const [own, others] = [createRepository(), createRepository()];
    const [caller, bystander] = [
      await connectClient({ env, cwd: own }),
      await connectClient({ env, cwd: others, clientName: 'bystander' }),
    ];
    await Promise.all([caller.call('ping'), bystander.call('ping')]);
    const far = realpathSync(createFolder());
    const mount = await mountSilent(far);
    symlinkSync(far, join(own, 'far'));
    const first = caller.call('acquire', { patterns: ['far/a.ts'] });
    await expect(first).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining(join(own, 'far')) });
    // What does not lead there is answered for the same client too.
    expect(await caller.call('acquire', { patterns: ['src/a.ts', 'b.ts'] })).toMatchObject({ conflicts: [] });
    const asked = Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        caller.call('acquire', { patterns: [`far/${index}/a.ts`] }).catch((error: unknown) => error),
      ),
    );
    const times = await timesDuring(bystander, asked);
    expectUnheld(times);
    for (const answer of await asked) {
      expect(answer).toMatchObject({ code: 'timeout', retryable: true, message: expect.stringContaining(own) });
    }
    await mount.end();
    rmSync(join(own, 'far'));
    const again = () => caller.call('acquire', { patterns: ['far/a.ts'] });
    expect(await waitUntil(again, 'the folder to be asked again')).toMatchObject({
      acquired: [{ pattern: 'far/a.ts' }],
    });
  });

  test('is where a client works: its calls are refused with the fix, and it works as soon as the mount answers', async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const far = realpathSync(createFolder());
    mkdirSync(join(far, 'project'));
    const [client, others] = [
      await connectClient({ env, cwd: join(far, 'project') }),
      await connectClient({ env, cwd: createRepository() }),
    ];
    await client.call('insight', { content: 'before', key: 'it' });
    // The next server learns from the client where it works.
    await runCommand(['down'], { env });
    const mount = await mountSilent(far);
    const asked = client.call('recall', { query: 'before' }).catch((error: unknown) => error);
    // The first of these calls waits for that server to start.
    expectUnheld((await timesDuring(others, asked)).slice(1));
    expect(await asked).toMatchObject({ code: 'timeout', retryable: true, message: expect.stringContaining(far) });
    await mount.end();
    const again = () => client.call('recall', { query: 'before' });
    expect(await waitUntil(again, 'the folder to be asked again')).toMatchObject({ results: [{ key: 'it' }] });
  });
});

describe('in place of a file of git', () => {
  const pipe = (path: string) => execFileSync('mkfifo', [path]);
  const HOSTILE: [string, (path: string) => void][] = [
    ...['.git', '.git/HEAD', '.git/packed-refs', '.git/shallow', '.git/info/exclude', '.gitignore', 'src/a.ts'].map(
      (file): [string, (path: string) => void] => [file, pipe],
    ),
    ['.gitignore', (path) => symlinkSync('/dev/zero', path)],
    [
      '.git',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 2 ** 40);
      },
    ],
  ];

  test('nothing makes the server wait, though many name it at once', { timeout: 120_000 }, async () => {
    const env = { POPSTASH_DATA_DIR: createDataFolder() };
    const bystander = await connectClient({ env, cwd: createRepository() });
    await bystander.call('ping');
    const asked = Promise.all(
      HOSTILE.map(async ([file, make]) => {
        const folder = createRepository();
        if (file === '.git/packed-refs') rmSync(join(folder, '.git', 'refs', 'heads', 'main'));
        rmSync(join(folder, file), { recursive: true, force: true });
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        make(join(folder, file));
        const client = await connectClient({ env, cwd: folder });
        await client.call('acquire', { patterns: ['src/a.ts', 'src/**'] });
        await client.call('insight', { content: `src/a.ts of ${folder}`, key: 'it' });
        await client.call('recall', { query: 'src/a.ts' });
      }),
    );
    expectUnheld(await timesDuring(bystander, asked));
    await asked;
    await bystander.call('recall', { query: 'anything' });
  });
});
