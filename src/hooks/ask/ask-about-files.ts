import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';
import { askGuard, type GuardAnswer } from './ask-guard.js';
import type { PushedCommit } from './listed-commits.js';

/** Bytes of file names in one request: a request is one line of 64 KB at most. */
const MAX_BYTES = 40_000;

/**
 * Asks about many files or commits, in several requests if need be. The messages of the refused requests are joined.
 * @param subject files, or commits with theirs; `tree` goes with the last request, when all before it passed
 * @param timeoutMs for each request
 */
export async function askAboutFiles(
  endpoints: readonly Endpoint[],
  request: HookRequest,
  subject: GuardSubject,
  timeoutMs: number,
): Promise<GuardAnswer> {
  const verdicts: HookVerdict[] = [];
  const parts: Partial<HookRequest>[] = 'commits' in subject ? cutCommits(subject.commits) : cutFiles(subject.files);
  if (parts.length <= 1) {
    const tree = 'tree' in subject && subject.tree !== undefined ? { tree: subject.tree } : {};
    return await askGuard(endpoints, { ...request, ...parts[0], ...tree }, timeoutMs);
  }
  for (const [index, part] of parts.entries()) {
    const isDenied = verdicts.some(({ decision }) => decision === 'deny');
    const tree = index === parts.length - 1 && !isDenied && 'tree' in subject ? subject.tree : undefined;
    const answer = await askGuard(endpoints, { ...request, ...part, ...(tree !== undefined && { tree }) }, timeoutMs);
    if (typeof answer !== 'string') verdicts.push(answer);
    else if (!isDenied) return answer;
  }
  return joinVerdicts(verdicts);
}

/** The strictest decision, with the messages of those that made it. */
function joinVerdicts(verdicts: readonly HookVerdict[]): HookVerdict {
  const decision = (['deny', 'tell'] as const).find((each) => verdicts.some((verdict) => verdict.decision === each));
  const join = (texts: readonly (string | undefined)[]) => [...new Set(texts.filter(Boolean))].join('\n') || undefined;
  return {
    popstash: 'verdict',
    decision: decision ?? 'pass',
    message: join(verdicts.map((verdict) => (verdict.decision === decision ? verdict.message : undefined))),
    context: join(verdicts.map(({ context }) => context)),
    unchecked: join(verdicts.map(({ unchecked }) => unchecked)),
  };
}

/** What a guard asks about: the files of a commit that is about to be made, or commits that a branch or a remote is about to get. */
export type GuardSubject =
  | { files: readonly string[]; tree?: string | undefined }
  | { commits: readonly PushedCommit[] };

function cutFiles(files: readonly string[]): { files: string[] }[] {
  return cut(files, (file) => file).map((part) => ({ files: part }));
}

/** A commit with many files becomes several with the same id. */
function cutCommits(commits: readonly PushedCommit[]): { commits: PushedCommit[] }[] {
  const small = commits.flatMap((commit) => {
    if (commit.files.length === 0) return [commit];
    return cut(commit.files, (file) => file).map((files) => ({ ...commit, files }));
  });
  return cut(small, (commit) => commit).map((part) => ({ commits: part }));
}

/** Lists of at most MAX_BYTES, as JSON. */
function cut<T>(items: readonly T[], show: (item: T) => unknown): T[][] {
  const parts: T[][] = [];
  let bytes = MAX_BYTES;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(show(item))) + 1;
    bytes += size;
    if (bytes > MAX_BYTES) {
      parts.push([]);
      bytes = size;
    }
    parts.at(-1)?.push(item);
  }
  return parts;
}
