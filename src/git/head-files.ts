import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { readForeignFile } from '../files/read-foreign-file.js';
import { findRepository, type Repository } from '../project/find-repository.js';

/** What is checked out in a worktree. */
export interface Head {
  repository: Repository;
  /** Null where a commit alone is checked out. */
  branch: string | null;
  /** Full id; null where the branch has no commit yet, or git keeps its refs in a form that is not read here. */
  commit: string | null;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** A ref that names a ref, and so on. */
const MAX_LINKS = 5;
/** Of `HEAD` and of a ref, in bytes: each names one branch or one commit. */
const MAX_REF_BYTES = 16_384;
/** A longer file of packed refs is left to git, and so much of them is kept. */
const MAX_PACKED_BYTES = 16 * 1024 * 1024;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
const MAX_WORKTREES = 200;
/** How long a folder counts as what it was, in ms: `git init` in a plain folder is seen after that. */
const REPOSITORY_TTL_MS = 5_000;

const repositories = new LRUCache<string, { repository: Repository | null }>({
  max: MAX_WORKTREES,
  ttl: REPOSITORY_TTL_MS,
});
const packed = new LRUCache<string, { mark: string; text: string }>({
  maxSize: MAX_KEPT_BYTES,
  sizeCalculation: ({ text }) => text.length + 1,
});

/** Null where the folder is not the top of a worktree. Reads files only: no git is waited for. */
export function readHeadFiles(worktree: string): Head | null {
  const repository = openRepository(worktree);
  if (!repository) return null;
  const text = readText(join(repository.gitDir, 'HEAD'));
  if (text === null) return null;
  if (!text.startsWith('ref: ')) return { repository, branch: null, commit: COMMIT.test(text) ? text : null };
  const ref = text.slice('ref: '.length);
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
  return { repository, branch, commit: resolveRef(repository, ref) };
}

/** The commit of a ref; null where it is not there. */
export function resolveRef(repository: Pick<Repository, 'root' | 'gitDir'>, first: string): string | null {
  let ref = first;
  for (let link = 0; link < MAX_LINKS; link += 1) {
    const text = readText(join(repository.root, ref)) ?? readText(join(repository.gitDir, ref));
    if (text === null) return findPacked(repository.root, ref);
    if (COMMIT.test(text)) return text;
    if (!text.startsWith('ref: ')) return null;
    ref = text.slice('ref: '.length);
  }
  return null;
}

function openRepository(worktree: string): Repository | null {
  const known = repositories.get(worktree);
  if (known) return known.repository;
  const found = findRepository(worktree);
  const repository = found?.worktree === worktree ? found : null;
  repositories.set(worktree, { repository });
  return repository;
}

function findPacked(root: string, ref: string): string | null {
  const path = join(root, 'packed-refs');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats || stats.size > MAX_PACKED_BYTES) return null;
  const mark = `${stats.size} ${stats.mtimeMs}`;
  let refs = packed.get(path);
  if (refs?.mark !== mark) {
    refs = { mark, text: readForeignFile(path, MAX_PACKED_BYTES) ?? '' };
    packed.set(path, refs);
  }
  const end = refs.text.indexOf(` ${ref}\n`);
  const id = end === -1 ? '' : refs.text.slice(refs.text.lastIndexOf('\n', end) + 1, end);
  return COMMIT.test(id) ? id : null;
}

function readText(path: string): string | null {
  return readForeignFile(path, MAX_REF_BYTES)?.trim() ?? null;
}
