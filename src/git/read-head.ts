import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { findRepository, type Repository } from '../project/find-repository.js';

/** What is checked out in a worktree. */
export interface Head {
  repository: Repository;
  /** Null where a commit alone is checked out. */
  branch: string | null;
  /** Full id; null where the branch has no commit yet, or git keeps its refs in a form that is not read here. */
  commit: string | null;
}

export interface HeadReader {
  /** Null where the folder is not the top of a worktree. Never rejects. Reads files only: no git is waited for. */
  read(worktree: string): Promise<Head | null>;
  /** The commit of a branch; null where it is not there. */
  readBranch(repository: Repository, branch: string): Promise<string | null>;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** A ref that names a ref, and so on. */
const MAX_LINKS = 5;
/** A longer file of packed refs is left to git. */
const MAX_PACKED_BYTES = 16 * 1024 * 1024;
const MAX_WORKTREES = 200;
/** How long a folder counts as what it was, in ms: `git init` in a plain folder is seen after that. */
const REPOSITORY_TTL_MS = 5_000;

interface PackedRefs {
  mark: string;
  text: string;
}

export function createHeadReader(): HeadReader {
  const repositories = new LRUCache<string, { repository: Repository | null }>({
    max: MAX_WORKTREES,
    ttl: REPOSITORY_TTL_MS,
  });
  const packed = new LRUCache<string, PackedRefs>({ max: 20 });

  function open(worktree: string): Repository | null {
    const known = repositories.get(worktree);
    if (known) return known.repository;
    const found = findRepository(worktree);
    const repository = found?.worktree === worktree ? found : null;
    repositories.set(worktree, { repository });
    return repository;
  }

  async function resolve(repository: Repository, first: string): Promise<string | null> {
    let ref = first;
    for (let link = 0; link < MAX_LINKS; link += 1) {
      const text = (await readText(join(repository.root, ref))) ?? (await readText(join(repository.gitDir, ref)));
      if (text === null) return await findPacked(repository, ref);
      if (COMMIT.test(text)) return text;
      if (!text.startsWith('ref: ')) return null;
      ref = text.slice('ref: '.length);
    }
    return null;
  }

  async function findPacked({ root }: Repository, ref: string): Promise<string | null> {
    const path = join(root, 'packed-refs');
    try {
      const { size, mtimeMs } = await stat(path);
      if (size > MAX_PACKED_BYTES) return null;
      const mark = `${size} ${mtimeMs}`;
      let refs = packed.get(path);
      if (refs?.mark !== mark) {
        refs = { mark, text: await readFile(path, 'utf8') };
        packed.set(path, refs);
      }
      const end = refs.text.indexOf(` ${ref}\n`);
      const id = end === -1 ? '' : refs.text.slice(refs.text.lastIndexOf('\n', end) + 1, end);
      return COMMIT.test(id) ? id : null;
    } catch {
      return null;
    }
  }

  return {
    readBranch: (repository, branch) => resolve(repository, `refs/heads/${branch}`),

    async read(worktree) {
      const repository = open(worktree);
      if (!repository) return null;
      const text = await readText(join(repository.gitDir, 'HEAD'));
      if (text === null) return null;
      if (!text.startsWith('ref: ')) return { repository, branch: null, commit: COMMIT.test(text) ? text : null };
      const ref = text.slice('ref: '.length);
      const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
      return { repository, branch, commit: await resolve(repository, ref) };
    },
  };
}

async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}
