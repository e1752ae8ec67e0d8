import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

// A statement that never ends comes back with the next server: some job, or some agent, asks it again. Servers that ended
// because of one are therefore counted, so that they don't take the processor one after the other for ever.

const FILE = 'stuck-servers.json';
/** So many within this time, in ms, are no accident. */
const MAX_STUCK = 3;
const WITHIN_MS = 10 * 60_000;

interface StuckServer {
  /** ISO time. */
  at: string;
  /** What it was ended for. */
  why: string;
}

/** Counts a server that ends because of a statement that does not. Synchronous: the process is about to exit. */
export function countStuck(dataDir: string, why: string, now: Date): void {
  const path = join(dataDir, FILE);
  const kept = recent(
    parse(() => readFileSync(path, 'utf8')),
    now,
  );
  writeFileSync(path, JSON.stringify([...kept, { at: now.toISOString(), why }]), { mode: 0o600 });
}

/** Why no further server should open the store now; null when it may. */
export async function findStuck(dataDir: string, now: Date): Promise<string | null> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => '[]');
  const stuck = recent(
    parse(() => text),
    now,
  );
  const last = stuck.at(-1);
  return last && stuck.length >= MAX_STUCK
    ? `${stuck.length} servers within ${WITHIN_MS / 60_000} minutes did not come to an end of what they read (${last.why})`
    : null;
}

export async function forgetStuck(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

function parse(read: () => string): StuckServer[] {
  try {
    const value: unknown = JSON.parse(read());
    return Array.isArray(value) ? (value as StuckServer[]) : [];
  } catch {
    return [];
  }
}

function recent(stuck: readonly StuckServer[], now: Date): StuckServer[] {
  return stuck.filter(({ at }) => now.getTime() - Date.parse(at) < WITHIN_MS);
}
