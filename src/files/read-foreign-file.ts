import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  opendirSync,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';

/** Opening a pipe that nobody writes to returns at once; a terminal is not taken. Windows has neither flag. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
/** First piece of a file that says that it is empty, as those of /proc do. */
const PIECE_BYTES = 65_536;

/**
 * Opens a file that another program, or an untrusted repository, may have put there, for as long as `use` takes. Only a
 * regular file is: opening a pipe waits for its writer, and opening some devices has an effect of its own.
 * @returns null where there is no such file, or it can't be read
 */
export function useForeignFile<T>(path: string, use: (file: number, stats: Stats) => T): T | null {
  let file: number | undefined;
  try {
    if (!statSync(path).isFile()) return null;
    file = openSync(path, OPEN_FLAGS);
    // Another one may have come to its place.
    const stats = fstatSync(file);
    return stats.isFile() ? use(file, stats) : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Reads a small file that is not ours. Never waits for a writer and never takes more memory than asked for: a pipe, a device,
 * a folder and a file that is larger are not read.
 * @param maxBytes of the whole file
 * @returns its text as UTF-8; null where there is no such file, or it can't be read
 */
export function readForeignFile(path: string, maxBytes: number): string | null {
  return readForeignBytes(path, maxBytes)?.toString('utf8') ?? null;
}

/** The same as it is on the disk. */
export function readForeignBytes(path: string, maxBytes: number): Buffer | null {
  return useForeignFile(path, (file, { size }) => {
    if (size > maxBytes) return null;
    const pieces: Buffer[] = [];
    let length = 0;
    // One byte more than is said: a file may grow while it is read.
    for (let piece = Buffer.allocUnsafe(size > 0 ? size + 1 : PIECE_BYTES); ; piece = Buffer.allocUnsafe(PIECE_BYTES)) {
      const read = readSync(file, piece, 0, piece.length, null);
      if (read === 0) return Buffer.concat(pieces, length);
      length += read;
      if (length > maxBytes) return null;
      pieces.push(piece.subarray(0, read));
    }
  });
}

/** The beginning of a file that is not ours. @returns null where there is no such file, or it can't be read */
export function readForeignBeginning(path: string, maxBytes: number): string | null {
  return useForeignFile(path, (file) => {
    const bytes = Buffer.alloc(maxBytes);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, maxBytes, 0));
  });
}

export interface ForeignEntry {
  name: string;
  /** `other`: a pipe, a socket or a device. */
  kind: 'file' | 'folder' | 'link' | 'other';
}

/**
 * The entries of a folder that is not ours, in the order of the disk.
 * @param maxEntries more are left out: a folder may have millions
 * @returns none where there is no such folder, or it can't be read
 */
export function listForeignFolder(path: string, maxEntries: number): ForeignEntry[] {
  const entries: ForeignEntry[] = [];
  try {
    const folder = opendirSync(path, { bufferSize: Math.min(maxEntries, 1_024) });
    try {
      for (let entry = folder.readSync(); entry && entries.length < maxEntries; entry = folder.readSync()) {
        entries.push({ name: entry.name, kind: kindOf(entry) });
      }
    } finally {
      folder.closeSync();
    }
  } catch {
    // What was read so far.
  }
  return entries;
}

function kindOf(entry: Dirent): ForeignEntry['kind'] {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
