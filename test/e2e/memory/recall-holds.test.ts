// What an agent and a person read of where a memory holds: branch, files, worktree, later decisions, in real repositories.
import { appendFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { addWorktree, createRepository, git } from '../../support/setup/repositories.js';
import { waitUntil } from '../../support/setup/wait-until.js';

interface Labels {
  not_merged?: string;
  other_worktree?: string;
  changed_files?: string[];
  missing_files?: string[];
  unknown?: string[];
  later_decision?: string;
}
type Hit = Labels & { key: string | null };

const env = { POPSTASH_DATA_DIR: createDataFolder() };
const connect = (cwd: string): Promise<TestClient> => connectClient({ env, cwd });

/** The labels of the memory of that key, once nothing but these is unknown. */
async function labelsOf(client: TestClient, key: string, unknown: string[] = []): Promise<Labels> {
  const hit = await waitUntil(async () => {
    const { results } = await client.call<{ results: Hit[] }>('recall', { query: key, kinds: ['insight'] });
    const found = results.find((result) => result.key === key);
    return JSON.stringify(found?.unknown ?? []) === JSON.stringify(unknown) && found;
  }, `labels of ${key}`);
  return pickLabels(hit);
}

function pickLabels({ not_merged, other_worktree, changed_files, missing_files, unknown }: Labels): Labels {
  const all = { not_merged, other_worktree, changed_files, missing_files, unknown };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Until what a memory's files held is noted, behind the write. */
async function noted(cwd: string, id: string): Promise<void> {
  await waitUntil(async () => {
    const { stdout } = await runCommand(['show', id, '--json'], { env, cwd });
    return JSON.parse(stdout).origin !== null;
  }, `the origin of ${id}`);
}

async function save(client: TestClient, cwd: string, key: string, content: string): Promise<string> {
  const { insight_id } = await client.call<{ insight_id: string }>('insight', { key, content });
  await noted(cwd, insight_id);
  return insight_id;
}

function commit(cwd: string, path: string, message: string): void {
  appendFileSync(join(cwd, path), `${message}\n`);
  git(cwd, 'add', '-A');
  git(cwd, 'commit', '-qm', message);
}

describe('where a memory holds', () => {
  test('files: changed by content, not by time; gone; renamed with the same content', async () => {
    const cwd = createRepository();
    const client = await connect(cwd);
    const id = await save(client, cwd, 'auth-files', 'Tokens are read in src/auth.ts, and README.md explains them.');
    expect(await labelsOf(client, 'auth-files')).toEqual({});
    utimesSync(join(cwd, 'src/auth.ts'), new Date(), new Date(Date.now() + 60_000));
    expect(await labelsOf(client, 'auth-files')).toEqual({});
    appendFileSync(join(cwd, 'src/auth.ts'), 'changed\n');
    rmSync(join(cwd, 'README.md'));
    expect(await labelsOf(client, 'auth-files')).toEqual({
      changed_files: ['src/auth.ts'],
      missing_files: ['README.md'],
    });
    const shown = await runCommand(['show', id], { env, cwd });
    expect(shown.stdout).toMatch(/written on main at [0-9a-f]{8} in /);
    expect(shown.stdout).toContain('changed since: src/auth.ts');
    const found = await runCommand(['search', 'auth-files'], { env, cwd });
    expect(found.stdout).toContain('gone since: README.md');
    git(cwd, 'checkout', '-q', '.');
    git(cwd, 'mv', 'README.md', 'docs.md');
    expect(await labelsOf(client, 'auth-files')).toEqual({});
    renameSync(join(cwd, 'docs.md'), join(cwd, 'untracked.md'));
    expect(await labelsOf(client, 'auth-files')).toEqual({ missing_files: ['README.md'] });
  });

  test('a branch: not merged, then merged as a squash; unknown once it is gone', async () => {
    const cwd = createRepository();
    const client = await connect(cwd);
    git(cwd, 'checkout', '-qb', 'feat/tokens');
    commit(cwd, 'src/auth.ts', 'tokens');
    await save(client, cwd, 'token-branch', 'Tokens rotate.');
    commit(cwd, 'src/index.ts', 'more');
    expect(await labelsOf(client, 'token-branch')).toEqual({});
    git(cwd, 'checkout', '-q', 'main');
    commit(cwd, 'README.md', 'elsewhere');
    expect(await labelsOf(client, 'token-branch')).toEqual({ not_merged: 'feat/tokens' });
    const popped = await client.call<{ stash_id: string }>('stash', { name: 'wip', summary: 'On main.' });
    await noted(cwd, popped.stash_id);
    git(cwd, 'checkout', '-qb', 'other', 'main~1');
    const { not_merged } = await waitUntil(async () => {
      const answer = await client.call<Labels>('pop', { query: 'wip' });
      return answer.unknown === undefined && answer;
    }, 'the label of a stash');
    expect(not_merged).toBe('main');
    git(cwd, 'checkout', '-q', 'main');
    git(cwd, 'merge', '-q', '--squash', 'feat/tokens');
    git(cwd, 'commit', '-qm', 'squash');
    expect(await labelsOf(client, 'token-branch')).toEqual({});
    git(cwd, 'checkout', '-qb', 'lost', 'main~2');
    commit(cwd, 'src/auth.ts', 'lost');
    await save(client, cwd, 'lost-branch', 'Nobody merged this.');
    git(cwd, 'checkout', '-q', 'main');
    git(cwd, 'branch', '-q', '-D', 'lost');
    expect(await labelsOf(client, 'lost-branch', ['branch'])).toEqual({ unknown: ['branch'] });
  });

  test('another worktree, and what start_task says of all that', async () => {
    const cwd = createRepository();
    const linked = addWorktree(cwd, 'side');
    const [here, there] = [await connect(cwd), await connect(linked)];
    commit(linked, 'src/auth.ts', 'side');
    await save(there, linked, 'side-note', 'Side notes live in src/auth.ts and speak of zebras.');
    const expected = { not_merged: 'side', other_worktree: linked, changed_files: ['src/auth.ts'] };
    expect(await labelsOf(here, 'side-note')).toEqual(expected);
    const { context } = await here.call<{ context: { relevant_insights: Labels[] } }>('start_task', {
      task: 'side-note zebras',
    });
    expect(pickLabels(context.relevant_insights[0] ?? {})).toEqual(expected);
  });

  test('a decision under the same name says that it came later, without any vector', async () => {
    const cwd = createRepository();
    const client = await connect(cwd);
    await save(client, cwd, 'Retry Policy', 'Three times.');
    const { decision_id } = await client.call<{ decision_id: string }>('decide', {
      topic: 'retry policy',
      decision: 'Requests are never sent again.',
    });
    const { results } = await client.call<{ results: Hit[] }>('recall', { query: 'Retry Policy', kinds: ['insight'] });
    expect(results[0]?.later_decision).toContain(decision_id);
  });

  test('five hits with labels stay within 700 tokens', async () => {
    const cwd = createRepository();
    const linked = addWorktree(cwd, 'long-branch-name/of-a-feature');
    const [here, there] = [await connect(cwd), await connect(linked)];
    commit(linked, 'src/auth.ts', 'side');
    const text =
      'Authentication of the API goes through src/auth.ts and src/index.ts: tokens end after a day, and keys rotate.';
    for (let note = 0; note < 5; note += 1)
      await save(there, linked, `auth-${note}`, `${text} Part ${note} of five. `.repeat(3));
    for (const file of ['src/auth.ts', 'src/index.ts']) appendFileSync(join(cwd, file), 'changed\n');
    const answer = await waitUntil(async () => {
      const found = await here.call<{ results: Hit[] }>('recall', { query: 'authentication tokens keys', limit: 5 });
      return found.results.every(({ unknown }) => unknown === undefined) && found;
    }, 'labels');
    expect(answer.results.length).toBeGreaterThanOrEqual(3);
    expect(answer.results[0]).toMatchObject({ not_merged: 'long-branch-name/of-a-feature', other_worktree: linked });
    expect(encode(JSON.stringify(answer)).length).toBeLessThanOrEqual(700);
  });
});
