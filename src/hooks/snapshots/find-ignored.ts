import { runFileTask } from '../../files/run-file-task.js';
import { runGit } from './run-git.js';
import { snapshotTasks } from './snapshot-tasks.js';

/** Time for git to tell which of some paths it ignores, in ms. */
const TIMEOUT_MS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** Those of these paths that git ignores; null where git can't tell. Tracked files are never ignored. */
export async function findIgnored(worktree: string, paths: readonly string[]): Promise<Set<string> | null> {
  const input = paths.map((path) => `${path}\0`).join('');
  const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
  const { status, out } = await runGit(worktree, ['check-ignore', '-z', '--stdin'], bounds, input);
  // Code 1: none of them.
  return status === 0 || status === 1 ? new Set(out.split('\0').filter(Boolean)) : null;
}

/** Stands for the rules that decide about these folders: it differs when one of the files with rules has changed. */
export async function markRules(
  worktree: string,
  folders: readonly string[],
  listed: readonly string[],
): Promise<string> {
  const above = folders.flatMap((folder) =>
    folder.split('/').map((_, index, parts) => [...parts.slice(0, index), '.gitignore'].join('/')),
  );
  const below = listed.filter((path) => path === '.gitignore' || path.endsWith('/.gitignore'));
  const files = [...new Set(['.git/info/exclude', ...above, ...below])].sort();
  const marks = await runFileTask(snapshotTasks.markRules, worktree, files);
  return files.map((path, index) => `${path} ${marks[index] ?? ''}`).join('\n');
}
