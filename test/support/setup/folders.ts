import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAtFileEnd } from './resources.js';

/** An empty folder, deleted at the file's end. Short, since a Unix socket's path may have 107 bytes only. */
export function createFolder(prefix = 'ps-', under = tmpdir()): string {
  const folder = mkdtempSync(join(under, prefix));
  closeAtFileEnd(`folder ${folder}`, () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A folder for POPSTASH_DATA_DIR; the server that owns it is told to end (`popstash down`) at the file's end. */
export function createDataFolder(under?: string): string {
  const folder = createFolder('ps-data-', under);
  closeAtFileEnd(`server of ${folder}`, () => {
    if (readdirSync(folder).length === 0) return;
    const env = { ...process.env, POPSTASH_DATA_DIR: folder, DATABASE_URL: '' };
    execFileSync(process.execPath, [MAIN, 'down'], { env, stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000 });
  });
  return folder;
}

/** The built command. */
export const MAIN = join(import.meta.dirname, '..', '..', '..', 'dist', 'main.js');
