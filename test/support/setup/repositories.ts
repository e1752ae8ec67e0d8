import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HookAnswer, HookedClient } from '../processes/hooked-client.js';
import { createFolder } from './folders.js';

/** The part of an answer that tells of locks. */
export interface Locked {
  acquired: string[];
  conflicts: { file: string; held_by: string; worktree: string; branch?: string }[];
  warnings?: Record<string, unknown>[];
  new?: string[];
}

const FILES = ['src/index.ts', 'src/auth.ts', 'packages/a/src/index.ts', 'packages/b/src/index.ts', 'README.md'];

export function git(cwd: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always'];
  execFileSync('git', [...identity, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

function write(folder: string, ...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${path}\n`);
  }
}

/** A real git repository with one commit, where anybody may commit: it has an identity of its own. */
export function createRepository(folder = realpathSync(createFolder()), files = FILES): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Test');
  git(folder, 'config', 'user.email', 'test@example.invalid');
  write(folder, ...files);
  git(folder, 'add', '-A');
  // Two repositories of the same second are no clones of each other.
  git(folder, 'commit', '-q', '-m', 'first', '-m', folder);
  return folder;
}

/** A linked worktree on a branch of its own. */
export function addWorktree(repository: string, branch: string): string {
  const folder = join(realpathSync(createFolder()), branch);
  git(repository, 'worktree', 'add', '-q', '-b', branch, folder);
  return folder;
}

/** Starts a task with these files. */
export async function lock(client: HookedClient, ...files: string[]): Promise<Locked> {
  const { locks } = await client.call<{ locks: Locked }>('start_task', { task: `edit ${files.join(' ')}`, files });
  return locks;
}

/** Why a hook denied an edit; '' when it did not. */
export function reasonOf({ said }: HookAnswer): string {
  return said?.hookSpecificOutput?.permissionDecisionReason ?? '';
}
