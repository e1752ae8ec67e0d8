import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { ClientSource, SourceEnvironment, UsageFile } from '../transcripts/source-types.js';

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

/** Files that are looked at together: as many as threads may read the disk. */
const LOOKS_AT_ONCE = 16;

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
    const looks = files.slice(at, at + LOOKS_AT_ONCE).map((file) => lookAt(source, file));
    for (const one of await Promise.all(looks)) if (one) found.push(one);
  }
  return found;
}

/** @returns null for a file that went away meanwhile, or is none */
async function lookAt(source: ClientSource, file: UsageFile): Promise<FoundFile | null> {
  const main = await stat(file.path).catch(() => null);
  if (!main?.isFile()) return null;
  // What a database has written last stands in a file beside it.
  const log = file.format === 'database' ? await stat(`${file.path}-wal`).catch(() => null) : null;
  const stamps = [main, ...(log ? [log] : [])].map(({ ino, size, mtimeMs }) => `${ino}-${size}-${mtimeMs}`);
  const changedAt = Math.max(main.mtimeMs, log?.mtimeMs ?? 0);
  return { source, file, stamp: stamps.join(' '), size: main.size + (log?.size ?? 0), changedAt };
}
