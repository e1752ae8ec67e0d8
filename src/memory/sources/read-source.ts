import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '../../errors.js';
import { wordError } from '../../word-error.js';
import { SOURCES, type SourceName } from './source-list.js';
import type { SourceReading } from './source-types.js';

/** Files of one source: more is no memory but a file system. */
const MAX_FILES = 20_000;

/**
 * Reads a file (`-` is stdin), or the files of a folder.
 * @param label what keys call the file
 * @throws AppError `not_found`, or `invalid_argument` where the one file is of another format
 */
export async function readSource(
  name: SourceName,
  path: string,
  label: string = basename(path),
): Promise<SourceReading> {
  const source = SOURCES[name];
  if (path === '-') return numbered(source.read(await text(process.stdin), label));
  const state = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!state.isDirectory()) {
    return numbered(source.read(await readText(path), label));
  }
  const { files } = source;
  if (!files) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${path} is a folder; ${name} is read from a file: ${source.what}.`,
      fix: 'Give the path of the file.',
    });
  }
  const reading: SourceReading = { records: [], problems: [] };
  for (const file of await listFiles(path, files)) {
    try {
      const { records, problems } = source.read(await readText(join(path, file)), file.split(sep).join('/'));
      reading.records.push(...records);
      reading.problems.push(...problems.map(({ where, reason }) => ({ where: `${file}: ${where}`, reason })));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      reading.problems.push({ where: file, reason: error.message });
    }
  }
  return numbered(reading);
}

/** In order of their names, without hidden folders. */
async function listFiles(folder: string, wanted: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { encoding: 'utf8', recursive: true, withFileTypes: true });
  const found = entries.flatMap((entry) => {
    const parent = entry.parentPath.slice(folder.length).replace(/^[\\/]+/, '');
    const isHidden = parent.split(/[\\/]/).some((part) => part.startsWith('.') || part === 'node_modules');
    return entry.isFile() && !isHidden && wanted.test(entry.name) ? [join(parent, entry.name)] : [];
  });
  return found.sort().slice(0, MAX_FILES);
}

async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** A key names one memory: where a source uses one again, the later ones get a number. */
function numbered({ records, problems }: SourceReading): SourceReading {
  const counts = new Map<string, number>();
  const numberedRecords = records.map((record) => {
    const { provenance, id } = record;
    const count = (counts.get(provenance.key) ?? 0) + 1;
    counts.set(provenance.key, count);
    const isFirst = count === 1 || id !== null;
    return isFirst ? record : { ...record, provenance: { ...provenance, key: `${provenance.key}#${count}` } };
  });
  return { records: numberedRecords, problems };
}

function unreadable(path: string, error: unknown): AppError {
  return new AppError({
    code: 'not_found',
    message: `${path} can't be read: ${wordError(error)}`,
    fix: 'Give the path of a file or folder that is there.',
    cause: error,
  });
}
