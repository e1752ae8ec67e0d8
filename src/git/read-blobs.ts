import { LRUCache } from 'lru-cache';
import { runFileTask } from '../files/run-file-task.js';
import { type FileState, isFresh, readStates } from './file-marks.js';
import { areWithinTask, hashPlainTask } from './hash-plain.js';
import { type Git, splitLines } from './run-git.js';

/** What a path holds: git's id of its content, `absent`, or `other` for a folder or a link. Null: not known. */
export type Content = { blob: string } | 'absent' | 'other' | null;

export interface BlobReader {
  /**
   * What these paths hold now.
   * @param worktree its top folder, or a plain folder
   * @param isRepository whether git decides what the content is (ends of lines, encodings)
   * @param contents gets each path's content as soon as it is known; those that are in the cache before the first
   * process is started
   */
  read(worktree: string, isRepository: boolean, paths: Iterable<string>, contents: Map<string, Content>): Promise<void>;
}

const MAX_CACHED = 20_000;
/** A larger file, and more than this in one call, are not read. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How long what is configured is believed, in ms. */
const FILTERS_TTL_MS = 60_000;

export function createBlobReader(git: Git): BlobReader {
  const cache = new LRUCache<string, { mark: string; blob: string }>({ max: MAX_CACHED });
  const filters = new LRUCache<string, string[]>({ max: 200, ttl: FILTERS_TTL_MS });

  /** Options that turn the programs of filters (Git LFS and others) off: the content itself is compared. */
  async function withoutFilters(worktree: string): Promise<string[]> {
    const known = filters.get(worktree);
    if (known) return known;
    const { out } = await git.run(worktree, ['config', '--name-only', '-z', '--get-regexp', '^filter\\..*\\.']);
    const drivers = new Set(out.split('\0').map((name) => name.slice(0, name.lastIndexOf('.'))));
    drivers.delete('');
    const options = [...drivers].flatMap((driver) =>
      ['clean=', 'process=', 'required=false'].flatMap((value) => ['-c', `${driver}.${value}`]),
    );
    filters.set(worktree, options);
    return options;
  }

  /** The ids of these files' contents, in their order. Git stops at the first file that it can't read. */
  async function hashAll(worktree: string, isRepository: boolean, files: readonly [path: string, { size: number }][]) {
    if (!isRepository) {
      const plain = files.map(([path, { size }]) => [path, size] as const);
      return await runFileTask(hashPlainTask, worktree, plain).catch(() => []);
    }
    const args = [...(await withoutFilters(worktree)), 'hash-object', '--stdin-paths'];
    const { out } = await git.run(worktree, args, { input: files.map(([path]) => `${path}\n`).join('') });
    return splitLines(out);
  }

  return {
    async read(worktree, isRepository, paths, contents) {
      const unknown = new Map<string, FileState & { is: 'file' }>();
      const states = await readStates(worktree, [...new Set(paths)]);
      for (const [path, state] of states) {
        if (state?.is !== 'file') contents.set(path, state?.is ?? null);
        else {
          const known = cache.get(`${worktree}\0${path}`);
          if (known?.mark === state.mark) contents.set(path, { blob: known.blob });
          else unknown.set(path, state);
        }
      }
      const small = [...unknown].filter(([, { size }]) => size <= MAX_BYTES);
      if (small.length === 0) return;
      const names = small.map(([path]) => path);
      const ours = await runFileTask(areWithinTask, worktree, names).catch(() => []);
      let bytes = 0;
      const wanted = small.filter(([, { size }], index) => {
        if (ours[index]) bytes += size;
        return ours[index] && bytes <= MAX_BYTES;
      });
      if (wanted.length === 0) return;
      const startedAt = Date.now();
      const blobs = await hashAll(worktree, isRepository, wanted);
      const statesAfter = await readStates(
        worktree,
        wanted.map(([path]) => path),
      );
      for (const [index, [path, before]] of wanted.entries()) {
        const blob = blobs[index];
        const after = statesAfter.get(path);
        // Changed while it was read: not known which of both was read.
        if (!blob || after?.is !== 'file' || after.mark !== before.mark) continue;
        contents.set(path, { blob });
        if (!isFresh(before, startedAt)) cache.set(`${worktree}\0${path}`, { mark: before.mark, blob });
      }
    },
  };
}

export function blobOf(content: Content | undefined): string | null {
  return content && typeof content === 'object' ? content.blob : null;
}
