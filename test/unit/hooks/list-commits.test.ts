// Files of commits as git tells them to the guards: whatever they are called, and however many there are.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listStagedFiles } from '../../../src/hooks/ask/list-commit-files.js';
import { listMadeCommits } from '../../../src/hooks/ask/list-made-commits.js';
import { listPushedCommits } from '../../../src/hooks/ask/list-pushed-commits.js';
import { createRepository, git } from '../../support/setup/repositories.js';

const ODD = ['\nfirst', '"quoted".ts', 'a\tb.ts', 'commit:', 'tür.ts', '\u001b[2J.ts', ' blank ', 'last\n'];
const NONE = '0'.repeat(40);

const run = (cwd: string, args: string[], input?: string) =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], input });

function commitOdd(folder: string): string {
  for (const name of ODD) writeFileSync(join(folder, name), `${Math.random()}`);
  git(folder, 'add', '-A');
  const tree = run(folder, ['write-tree']).trim();
  return run(folder, ['commit-tree', tree, '-p', 'HEAD', '-m', 'odd']).trim();
}

test('names are told as they are, by the index, the refs and a push', () => {
  const folder = createRepository();
  git(folder, 'config', 'log.showSignature', 'true');
  git(folder, 'config', 'core.quotePath', 'true');
  const commit = commitOdd(folder);
  const names = [...ODD].sort();
  expect(listStagedFiles(folder).sort()).toEqual(names);
  const made = listMadeCommits(folder, `${NONE} ${commit} refs/heads/odd\n`);
  expect(made.unchecked).toBeUndefined();
  expect(made.commits.map(({ files }) => [...files].sort())).toEqual([names]);
  const head = run(folder, ['rev-parse', 'HEAD']).trim();
  const refs = `refs/heads/odd ${commit} refs/heads/odd ${head}\n`;
  const pushed = listPushedCommits(folder, { remote: 'origin', url: undefined, refs });
  expect(pushed.commits.map(({ files }) => [...files].sort())).toEqual([names]);
});

test('that there are more commits than are checked is said', () => {
  const folder = createRepository();
  const commit = (n: number) =>
    `commit refs/other/many\ncommitter t <t@x> ${1_700_000_000 + n} +0000\ndata 1\nx\nM 100644 inline f${n}\ndata 1\ny\n\n`;
  const make = (count: number) => {
    run(folder, ['fast-import', '--quiet', '--force'], Array.from({ length: count }, (_, n) => commit(n)).join(''));
    const id = run(folder, ['rev-parse', 'refs/other/many']).trim();
    // No ref names it yet.
    run(folder, ['update-ref', '-d', 'refs/other/many']);
    return id;
  };
  const few = listMadeCommits(folder, `${NONE} ${make(500)} refs/heads/many\n`);
  expect([few.commits.length, few.unchecked]).toEqual([500, undefined]);
  const many = make(2_001);
  const made = listMadeCommits(folder, `${NONE} ${many} refs/heads/many\n`);
  expect([made.commits.length, made.unchecked]).toEqual([500, expect.stringContaining('more than 500 commits')]);
  const pushed = listPushedCommits(folder, {
    remote: 'o',
    url: undefined,
    refs: `refs/heads/x ${many} refs/heads/x ${NONE}\n`,
  });
  expect([pushed.commits.length, pushed.unchecked]).toEqual([2_000, expect.stringContaining('more than 2000 commits')]);
});
