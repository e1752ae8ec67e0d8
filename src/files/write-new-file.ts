import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const PRIVATE = 0o600;

/**
 * Writes a file whole: a reader sees the former content or all of the new one, whatever ends this process meanwhile.
 * @throws the system's error
 */
export function replaceFile(path: string, text: string): void {
  withDraft(path, text, (draft) => renameSync(draft, path));
}

/**
 * Writes a file unless there is one: of several processes that do so at once, one wins.
 * @param mode its permissions, less the umask
 * @returns whether it was this one
 * @throws the system's error
 */
export function createFile(path: string, text: string, mode = PRIVATE): boolean {
  const place = (draft: string) => {
    try {
      linkSync(draft, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  };
  return withDraft(path, text, place, mode);
}

function withDraft<T>(path: string, text: string, place: (draft: string) => T, mode = PRIVATE): T {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode, flag: 'wx' });
    return place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}
