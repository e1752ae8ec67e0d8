import { dirname, isAbsolute } from 'node:path';
import { runFileTask } from '../../files/run-file-task.js';
import type { ClientSource, SourceEnvironment, UsageFile } from '../transcripts/source-types.js';
import { transcriptTasks } from '../transcripts/transcript-tasks.js';

/** A client's file as it looks now. */
export interface FoundFile {
  source: ClientSource;
  file: UsageFile;
  /** Differs after each change of the file. */
  stamp: string;
  /** In bytes. */
  size: number;
  /** In ms since the epoch. */
  changedAt: number;
}

/** Files that are looked at together. */
const LOOKS_AT_ONCE = 64;

/** The files of some clients, as they look now, the latest changed first: what happens now is known first. */
export async function findFiles(
  sources: readonly ClientSource[],
  environments: readonly SourceEnvironment[],
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const source of sources) {
    const files = new Map<string, UsageFile>();
    for (const environment of environments) {
      for (const file of await source.listFiles(environment)) files.set(file.path, file);
    }
    found.push(...(await lookAtFiles(source, [...files.values()])));
  }
  return found.sort((a, b) => b.changedAt - a.changedAt);
}

/** The files of the session whose transcript this is; none where the path can't be one. */
export async function findSessionFiles(source: ClientSource, path: string): Promise<FoundFile[]> {
  if (!source.listSessionFiles || !isAbsolute(path) || !path.endsWith('.jsonl')) return [];
  return await lookAtFiles(source, await source.listSessionFiles(path));
}

async function lookAtFiles(source: ClientSource, files: readonly UsageFile[]): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (let at = 0; at < files.length; at += LOOKS_AT_ONCE) {
    found.push(...(await lookAtStep(source, files.slice(at, at + LOOKS_AT_ONCE))));
  }
  return found;
}

/** Without those that went away meanwhile, are no files, or do not answer. */
async function lookAtStep(source: ClientSource, files: readonly UsageFile[]): Promise<FoundFile[]> {
  // What a database has written last stands in a file beside it.
  const paths = files.flatMap(({ path }) => [path, `${path}-wal`]);
  const looks = await runFileTask(transcriptTasks.look, dirname(paths[0] ?? '/'), paths).catch(() => []);
  return files.flatMap((file, index): FoundFile[] => {
    const main = looks[2 * index];
    if (!main) return [];
    const log = file.format === 'database' ? looks[2 * index + 1] : null;
    const stamps = [main, ...(log ? [log] : [])].map(
      ({ inode, size, changedAtMs }) => `${inode}-${size}-${changedAtMs}`,
    );
    const changedAt = Math.max(main.changedAtMs, log?.changedAtMs ?? 0);
    return [{ source, file, stamp: stamps.join(' '), size: main.size + (log?.size ?? 0), changedAt }];
  });
}
