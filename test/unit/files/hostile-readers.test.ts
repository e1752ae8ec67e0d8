// Pipes, devices and giants in place of what is read elsewhere than in src/project: nobody waits for them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gemini } from '../../../src/accountability/clients/gemini.js';
import { readPriceFile } from '../../../src/accountability/prices/open-prices.js';
import { readLines } from '../../../src/accountability/transcripts/read-lines.js';
import { createHeadReader } from '../../../src/git/read-head.js';
import { findHuskyFolder } from '../../../src/hooks/guards/hook-managers.js';
import { readOrNull } from '../../../src/hooks/install/read-or-null.js';
import { createIgnoreRules } from '../../../src/hooks/snapshots/ignore-rules.js';
import { createFolder } from '../../support/setup/folders.js';

const HOSTILE: [string, (path: string) => void][] = [
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path)],
  [
    'a sparse giant',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 40);
    },
  ],
];

function place(top: string, file: string, make: (path: string) => void): string {
  const path = join(top, file);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  make(path);
  return path;
}

describe.each(HOSTILE)('%s', (_name, make) => {
  it.each(['HEAD', 'refs/heads/main', 'packed-refs'])('in place of .git/%s names no commit', async (file) => {
    const top = createFolder();
    execFileSync('git', ['init', '-q', '-b', 'main', top], { stdio: 'pipe' });
    place(top, join('.git', file), make);
    const head = await createHeadReader().read(top);
    expect(head?.commit ?? null).toBeNull();
  });

  it("in a client's folder is no history", async () => {
    const home = createFolder();
    place(home, '.gemini/tmp/project/.project_root', make);
    writeFileSync(
      place(home, '.gemini/tmp/project/chats/session-1.jsonl', (path) => writeFileSync(path, '')),
      '{}\n',
    );
    const found = await gemini.listFiles({ home, platform: 'linux', variables: {} });
    expect(found.map(({ cwd }) => cwd ?? null)).toEqual([null]);
  });

  it('is no price file, settings file, package or list of ignored files', async () => {
    const top = createFolder();
    expect((await readPriceFile(place(top, 'prices.json', make))).file).toBeNull();
    expect(readOrNull(place(top, 'settings.json', make))).toBeNull();
    place(top, 'package.json', make);
    mkdirSync(join(top, '.husky'));
    expect(findHuskyFolder(top, join(top, '.git', 'hooks'))).toBeNull();
    place(top, '.gitignore', make);
    expect(createIgnoreRules(top).ignores('a.ts')).toBe(false);
  });
});

it('a pipe in place of a transcript is refused, not waited for', async () => {
  const path = place(createFolder(), 'session.jsonl', (to) => execFileSync('mkfifo', [to]));
  const format = { markers: ['"usage"'], open: () => ({ readRow: () => [], save: () => null }) };
  await expect(readLines({ path }, format, null)).rejects.toMatchObject({ code: 'ENOENT' });
});
