import { withTimeout } from '../../async/with-timeout.js';
import { readStates } from '../../git/file-marks.js';
import type { RenameFinder } from '../../git/find-renamed.js';
import type { Head } from '../../git/head-files.js';
import type { WrittenAt } from '../../git/merge-rules.js';
import type { MergeStates } from '../../git/merge-states.js';
import { type BlobReader, blobOf, type Content } from '../../git/read-blobs.js';
import type { HeadReader } from '../../git/read-head.js';
import { type Followed, followRenames, keyOfGone } from './follow-renames.js';
import { nameFiles } from './name-files.js';
import { markFolder } from './note-origins.js';
import type { Holds, MemoryOrigin } from './origin-types.js';

/** A memory whose labels are wanted. */
export interface OriginatedMemory {
  id: string;
  /** Null of what was imported, or written before origins were noted. */
  origin: MemoryOrigin | null;
  /** What it says, as far as it was read. */
  text: string;
  files: readonly string[];
  createdAt: Date;
}

export interface HoldLabels {
  /** Looks at once at what is checked out, beside the search that finds the memories. @param worktree undefined: not known */
  begin(worktree: string | undefined): LabelMemories;
}

/**
 * Says of each memory whether it holds in the worktree, by git; nothing where no worktree is known. What is not decided
 * within the deadline is `unknown`, and is decided behind the answer for the next one. Never rejects.
 */
export type LabelMemories = (
  memories: readonly OriginatedMemory[],
  deadlineMs?: number,
) => Promise<ReadonlyMap<string, Holds>>;

/** How long an answer waits for git, in ms. */
const DEADLINE_MS = 50;
/** Characters of a commit that is named. */
const SHORT_COMMIT = 8;

/** What is known of the asking worktree; undefined: nothing yet. */
interface View {
  worktree: string;
  head: Head | null | undefined;
  mark: string | null | undefined;
  contents: Map<string, Content>;
  followed: Followed;
  /** Memories without an origin that name files which changed since. */
  doubtful: Set<string>;
}

export function createHoldLabels(deps: {
  heads: HeadReader;
  blobs: BlobReader;
  renames: RenameFinder;
  merges: MergeStates;
}): HoldLabels {
  const { heads, blobs, merges } = deps;

  async function readPlace(view: View): Promise<void> {
    const head = await heads.read(view.worktree);
    const mark = head && (await markFolder(head.repository.gitDir));
    Object.assign(view, { head, mark });
  }

  async function look(view: View, placed: Promise<void>, memories: readonly OriginatedMemory[]): Promise<void> {
    const origins = memories.flatMap(({ origin }) => origin ?? []);
    const doubts = findDoubtful(view, memories);
    await placed;
    const head = view.head ?? null;
    const paths = new Set(origins.flatMap(({ files }) => Object.keys(files)));
    await Promise.all([
      doubts,
      head && merges.decide(head, origins.flatMap(toWritten)),
      blobs.read(view.worktree, head !== null, paths, view.contents).then(async () => {
        if (head) view.followed = await followRenames(deps, head.repository, origins, view.contents);
      }),
    ]);
  }

  function labelOne({ id, origin }: OriginatedMemory, view: View): Holds {
    const holds: Holds = { notMerged: null, otherWorktree: null, changedFiles: [], missingFiles: [], unknown: [] };
    if (!origin) return view.doubtful.has(id) ? { ...holds, unknown: ['files'] } : holds;
    for (const written of toWritten(origin)) {
      const state = view.head && merges.get(view.head, written);
      if (state === 'unmerged') holds.notMerged = written.branch ?? written.commit.slice(0, SHORT_COMMIT);
      else if (state !== 'merged') holds.unknown.push('branch');
    }
    if (origin.worktree !== view.worktree && (origin.worktreeMark === null || origin.worktreeMark !== view.mark)) {
      if (view.mark === undefined && view.head !== null) holds.unknown.push('worktree');
      else holds.otherWorktree = origin.worktree;
    }
    const files = Object.entries(origin.files).map(([path, blob]) => [path, compareFile(path, blob, view)] as const);
    const pick = (wanted: FileLabel) =>
      files
        .filter(([, label]) => label === wanted)
        .map(([path]) => path)
        .sort();
    holds.changedFiles = pick('changed');
    holds.missingFiles = pick('missing');
    if (pick('unknown').length > 0) holds.unknown.push('files');
    return holds;
  }

  return {
    begin(worktree) {
      if (worktree === undefined) return async () => new Map();
      const view: View = {
        worktree,
        head: undefined,
        mark: undefined,
        contents: new Map(),
        followed: new Map(),
        doubtful: new Set(),
      };
      const placed = readPlace(view).catch(() => undefined);
      return async (memories, deadlineMs = DEADLINE_MS) => {
        if (memories.length === 0) return new Map();
        await withTimeout(look(view, placed, memories), deadlineMs).catch(() => undefined);
        return new Map(memories.map((memory) => [memory.id, labelOne(memory, view)]));
      };
    },
  };
}

function toWritten({ commit, branch }: MemoryOrigin): WrittenAt[] {
  return commit === null ? [] : [{ commit, branch }];
}

type FileLabel = 'same' | 'changed' | 'missing' | 'unknown';

function compareFile(path: string, blob: string | null, { contents, followed, head }: View): FileLabel {
  const content = contents.get(path);
  if (blob === null || content == null || head === undefined) return 'unknown';
  if (content !== 'absent') return blobOf(content) === blob ? 'same' : 'changed';
  const isElsewhere = head === null ? false : followed.get(keyOfGone(path, blob));
  if (isElsewhere === undefined) return 'unknown';
  return isElsewhere ? 'same' : 'missing';
}

/** Of memories whose files' contents nobody noted: whether such a file has changed since, in whatever way. */
async function findDoubtful({ worktree, doubtful }: View, memories: readonly OriginatedMemory[]): Promise<void> {
  await Promise.all(
    memories.map(async ({ id, origin, text, files, createdAt }) => {
      if (origin) return;
      const states = await readStates(worktree, nameFiles(worktree, text, files));
      if ([...states.values()].some((state) => state?.is === 'file' && state.changedAtMs > createdAt.getTime()))
        doubtful.add(id);
    }),
  );
}
