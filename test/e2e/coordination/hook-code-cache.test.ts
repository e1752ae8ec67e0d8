// dist/hook.cjs loads its code with V8's code cache, which the hook before left beside it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../../support/processes/processes.js';
import { createDataFolder, MAIN } from '../../support/setup/folders.js';

/** Enough of the program for hooks, with no cache yet. */
function copyProgram(): { main: string; chunks: string } {
  const top = createDataFolder();
  const [from, to] = [dirname(MAIN), join(top, 'dist')];
  const chunks = join(to, 'chunks');
  mkdirSync(chunks, { recursive: true });
  copyFileSync(join(from, '..', 'package.json'), join(top, 'package.json'));
  for (const name of ['main.js', 'hook.cjs', 'speak-alone.cjs', 'package.json'])
    copyFileSync(join(from, name), join(to, name));
  const code = /hook-[0-9a-f]{8}\.cjs/.exec(readFileSync(join(to, 'hook.cjs'), 'utf8'))?.[0] ?? '';
  copyFileSync(join(from, 'chunks', code), join(chunks, code));
  return { main: join(to, 'main.js'), chunks };
}

function findCaches(chunks: string): string[] {
  return readdirSync(chunks)
    .filter((name) => name.includes('.cache'))
    .map((name) => join(chunks, name));
}

async function edit(main: string): Promise<string> {
  const payload = { hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: { file_path: '/work/a.ts' } };
  const env = { POPSTASH_DATA_DIR: createDataFolder(), POPSTASH_GUARD: 'guarded' };
  const ran = await runCommand(['hook', 'pre-tool-use'], { main, env, input: JSON.stringify(payload) });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return ran.stdout;
}

test('an edit leaves the cache, and the next one answers alike from it', async () => {
  const { main, chunks } = copyProgram();
  const first = await edit(main);
  expect(first).toMatch(/"deny"/);
  const [cache = '', ...others] = findCaches(chunks);
  expect(others).toEqual([]);
  expect(cache).toContain(`${process.version}-${process.arch}`);
  const written = statSync(cache);
  expect(await edit(main)).toBe(first);
  expect(statSync(cache)).toMatchObject({ ino: written.ino, mtimeMs: written.mtimeMs });
});

test.for([
  ['cut short', (cache: string) => truncateSync(cache, 1_000)],
  ['empty', (cache: string) => truncateSync(cache)],
  ['of something else', (cache: string) => writeFileSync(cache, 'no cache of V8')],
] as const)('one that is %s is replaced', async ([, damage]) => {
  const { main, chunks } = copyProgram();
  const first = await edit(main);
  const [cache = ''] = findCaches(chunks);
  const { size } = statSync(cache);
  damage(cache);
  expect(await edit(main)).toBe(first);
  expect(findCaches(chunks)).toEqual([cache]);
  expect(statSync(cache).size).toBeGreaterThan(size / 2);
});

test('where nothing can be written the hook answers without one', async () => {
  const { main, chunks } = copyProgram();
  // A folder of this name stands for a folder that is read-only, which root may write all the same.
  const code = readdirSync(chunks)[0] ?? '';
  mkdirSync(join(chunks, `${code}.${process.version}-${process.arch}.cache`));
  const before = readdirSync(chunks);
  expect(await edit(main)).toMatch(/"deny"/);
  expect(readdirSync(chunks)).toEqual(before);
});
