import { type FileState, readMarks, readStates } from '../../git/file-marks.js';
import type { BlobReader, Content } from '../../git/read-blobs.js';
import type { HeadReader } from '../../git/read-head.js';
import type { Git } from '../../git/run-git.js';
import { maskSecrets } from '../../text/mask-secrets.js';
import { nameFiles } from './name-files.js';
import type { OriginRepository } from './origin-repository.js';
import type { MemoryOrigin } from './origin-types.js';

export interface WrittenText {
  text: string;
  /** That the memory lists. */
  files: readonly string[];
}

/** Notes where memories are written. No write waits for it. */
export interface OriginNotes {
  /**
   * Looks at once at what is checked out, beside the write.
   * @param worktree of the agent; undefined where that is not known: nothing is noted
   * @returns to be called with the memory's id once it is written. It returns at once and never throws
   */
  begin(worktree: string | undefined, written: WrittenText): (memoryId: string) => void;
  /** Once all that was begun so far is looked at, and what was written is noted. For tests. */
  settled(): Promise<void>;
}

export function createOriginNotes(deps: {
  repository: OriginRepository;
  git: Git;
  heads: HeadReader;
  blobs: BlobReader;
}): OriginNotes {
  const { repository, git, heads, blobs } = deps;
  const running = new Set<Promise<unknown>>();

  /** Those of the files that are there and that git does not ignore. */
  async function chooseFiles(worktree: string, isRepository: boolean, states: ReadonlyMap<string, FileState | null>) {
    const there = [...states].filter(([, state]) => state?.is === 'file').map(([path]) => path);
    if (!isRepository || there.length === 0) return there;
    const input = there.map((path) => `${path}\0`).join('');
    const { status, out } = await git.run(worktree, ['check-ignore', '-z', '--stdin'], { input });
    if (status !== 0 && status !== 1) return [];
    const ignored = new Set(out.split('\0'));
    return there.filter((path) => !ignored.has(path));
  }

  async function readFiles(worktree: string, isRepository: boolean, states: Map<string, FileState | null>) {
    const paths = await chooseFiles(worktree, isRepository, states);
    const contents = new Map<string, Content>();
    await blobs.read(worktree, isRepository, paths, contents);
    const files: MemoryOrigin['files'] = {};
    const statesAfter = await readStates(worktree, paths);
    for (const path of paths) {
      const content = contents.get(path);
      const [before, after] = [states.get(path), statesAfter.get(path)];
      const isSame = before?.is === 'file' && after?.is === 'file' && before.mark === after.mark;
      files[path] = isSame && content && typeof content === 'object' ? content.blob : null;
    }
    return files;
  }

  function keep(work: Promise<unknown>): void {
    const kept = work.catch(() => undefined).finally(() => running.delete(kept));
    running.add(kept);
  }

  return {
    begin(worktree, { text, files }) {
      if (worktree === undefined) return () => undefined;
      const head = heads.read(worktree);
      const states = readStates(worktree, nameFiles(worktree, text, files));
      keep(Promise.all([head, states]));
      return (memoryId) => keep(note(worktree, memoryId));

      async function note(top: string, memoryId: string): Promise<void> {
        const at = await head;
        const worktreeMark = at && (await markFolder(at.repository.gitDir));
        await repository.save(memoryId, {
          worktree: top,
          worktreeMark,
          branch: at?.branch ? maskSecrets(at.branch) : null,
          commit: at?.commit ?? null,
          files: await readFiles(top, at !== null, await states),
        });
      }
    },

    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** The same wherever a folder is moved to; null where it can't be read. */
export async function markFolder(folder: string): Promise<string | null> {
  return (await readMarks(folder))?.identity ?? null;
}
