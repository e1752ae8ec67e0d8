// Where memories are written, and what git may and may not do when it is asked of them.
import { appendFileSync, existsSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createOrigins } from '../../../src/memory/origins/create-origins.js';
import type { OriginatedMemory } from '../../../src/memory/origins/label-holds.js';
import { selectOrigin } from '../../../src/memory/origins/origin-repository.js';
import type { MemoryOrigin } from '../../../src/memory/origins/origin-types.js';
import { purgeForgotten } from '../../../src/memory/retention/maintenance-repository.js';
import { createRestoreRepository } from '../../../src/memory/versions/restore-repository.js';
import { plainGit } from '../../support/histories/plain-git.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository } from '../../support/setup/repositories.js';

const { pool } = await createTestDatabase();
let origins = createOrigins(pool);
let serial = 0;

/** Longer than any git of these takes, in ms. */
const LONG = 60_000;

beforeEach(() => {
  origins = createOrigins(pool);
});

async function note(
  worktree: string,
  text: string,
  meanwhile: () => void = () => undefined,
): Promise<OriginatedMemory> {
  serial += 1;
  const id = `insight_${serial}`;
  const written = origins.notes.begin(worktree, { text, files: [] });
  // HEAD and the files' states are read while the memory is written.
  await origins.notes.settled();
  meanwhile();
  written(id);
  await origins.notes.settled();
  const { rows } = await pool.query<{ origin: MemoryOrigin }>(`SELECT ${selectOrigin('$1')}`, [id]);
  return { id, origin: rows[0]?.origin ?? null, text, files: [], createdAt: new Date() };
}

async function label(worktree: string, memory: OriginatedMemory, deadlineMs = LONG) {
  const { unknown, notMerged, changedFiles, missingFiles, otherWorktree } =
    (await origins.labels.begin(worktree)([memory], deadlineMs)).get(memory.id) ?? {};
  return { unknown, notMerged, changedFiles, missingFiles, otherWorktree };
}

const WELL = { unknown: [], notMerged: null, changedFiles: [], missingFiles: [], otherWorktree: null };

test('the commit is that of the call, though HEAD moves before it is noted; a file that changes then is unknown', async () => {
  const folder = createRepository();
  const git = plainGit(folder);
  const before = git('rev-parse', 'HEAD');
  const memory = await note(folder, 'See src/auth.ts and README.md.', () => {
    appendFileSync(join(folder, 'README.md'), 'more\n');
    git('commit', '-qam', 'meanwhile');
  });
  expect(memory.origin).toMatchObject({ commit: before, branch: 'main', worktree: folder });
  expect(memory.origin?.files).toEqual({ 'README.md': null, 'src/auth.ts': git('rev-parse', 'HEAD:src/auth.ts') });
  expect(await label(folder, memory)).toEqual({ ...WELL, unknown: ['files'] });
});

test('HEAD is read from packed refs, from a linked worktree, of a commit alone and before the first commit', async () => {
  const folder = createRepository();
  const git = plainGit(folder);
  git('pack-refs', '--all');
  expect((await note(folder, 'packed')).origin?.commit).toBe(git('rev-parse', 'HEAD'));
  const linked = addWorktree(folder, 'side/branch');
  expect((await note(linked, 'linked')).origin).toMatchObject({
    branch: 'side/branch',
    commit: git('rev-parse', 'main'),
  });
  git('checkout', '-q', '--detach');
  expect((await note(folder, 'alone')).origin).toMatchObject({ branch: null, commit: git('rev-parse', 'HEAD') });
  const empty = realpathSync(createFolder());
  plainGit(empty)('init', '-q', '-b', 'main');
  expect((await note(empty, 'unborn')).origin).toMatchObject({ branch: 'main', commit: null });
  const plain = realpathSync(createFolder());
  writeFileSync(join(plain, 'a.txt'), 'a\n');
  const memory = await note(plain, 'See a.txt.');
  expect(memory.origin).toMatchObject({ worktreeMark: null, branch: null, commit: null });
  expect(await label(plain, memory)).toEqual(WELL);
  writeFileSync(join(plain, 'a.txt'), 'b\n');
  expect(await label(plain, memory)).toEqual({ ...WELL, changedFiles: ['a.txt'] });
});

test('ignored files, links and files outside are not followed', async () => {
  const folder = createRepository();
  const outside = realpathSync(createFolder());
  writeFileSync(join(outside, 'secret.txt'), 'secret\n');
  writeFileSync(join(folder, '.gitignore'), '*.env\n');
  writeFileSync(join(folder, 'my.env'), 'KEY=1\n');
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'));
  symlinkSync(outside, join(folder, 'linked'));
  const memory = await note(folder, `See my.env, link.txt, linked/secret.txt, ../x.txt, ${outside}/secret.txt.`);
  expect(Object.values(memory.origin?.files ?? {}).filter((blob) => blob !== null)).toEqual([]);
});

test('git runs no program of the repository', async () => {
  const folder = createRepository();
  const git = plainGit(folder);
  writeFileSync(join(folder, '.gitattributes'), '*.ts filter=trap diff=trap\n');
  git('add', '-A');
  git('commit', '-qm', 'attributes');
  const linked = addWorktree(folder, 'side');
  appendFileSync(join(linked, 'src/auth.ts'), 'side\n');
  plainGit(linked)('commit', '-qam', 'side');
  const trap = join(realpathSync(createFolder()), 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch ${trap}ped\ncat\n`, { mode: 0o755 });
  const filters = ['filter.trap.clean', 'filter.trap.process', 'diff.trap.command', 'diff.trap.textconv'];
  for (const name of [...filters, 'core.fsmonitor', 'diff.external', 'core.pager']) git('config', name, trap);
  git('config', 'filter.trap.required', 'true');
  const memory = await note(linked, 'See src/auth.ts.');
  const expected = { ...WELL, notMerged: 'side', otherWorktree: linked, changedFiles: ['src/auth.ts'] };
  expect(await label(folder, memory)).toEqual(expected);
  expect(existsSync(`${trap}ped`)).toBe(false);
});

test('what is cut off by a shallow clone is unknown; so is what the deadline leaves, until git has answered', async () => {
  const folder = createRepository();
  const git = plainGit(folder);
  const memory = await note(folder, 'early');
  for (const change of ['one', 'two', 'three']) {
    appendFileSync(join(folder, 'README.md'), `${change}\n`);
    git('commit', '-qam', change);
  }
  expect((await label(folder, memory, 0)).unknown).toContain('branch');
  expect(await label(folder, memory)).toEqual(WELL);
  expect(await label(folder, memory, 1_000)).toEqual(WELL);
  const clone = join(realpathSync(createFolder()), 'clone');
  git('clone', '-q', '--depth=1', `file://${folder}`, clone);
  expect((await label(clone, memory)).unknown).toContain('branch');
});

test('a version that is restored holds where it was written; what is purged leaves nothing', async () => {
  const folder = createRepository();
  await pool.query("INSERT INTO projects (id, root) VALUES ('p', '/p')");
  const memory = await note(folder, 'See README.md.');
  await pool.query(
    `INSERT INTO insights (id, project_id, key, version, content, superseded_by) VALUES ($1, 'p', 'k', 1, 'See README.md.', 'new')`,
    [memory.id],
  );
  await createRestoreRepository(pool).restoreVersion('p', 'insight', memory.id, 'insight_again');
  const { rows } = await pool.query<{ origin: MemoryOrigin }>(`SELECT ${selectOrigin("'insight_again'")}`);
  expect(rows[0]?.origin).toEqual(memory.origin);
  await pool.query("UPDATE insights SET forgotten_at = now() - interval '40 days' WHERE id = 'insight_again'");
  await purgeForgotten(pool, 30);
  const left = await pool.query("SELECT FROM memory_origins WHERE memory_id = 'insight_again'");
  expect(left.rowCount).toBe(0);
});
