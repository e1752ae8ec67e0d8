import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HookRequest, HookVerdict } from './control-protocol.js';
import { isRunning, readParent } from './read-process.js';
import { chooseFrontSocket, chooseFrontsFolder, chooseSocketPath } from './socket-path.js';

export interface Endpoint {
  path: string;
  /** Takes the entry away when nobody listens there: its process died. */
  forget(): void;
  /** How it is asked, where that is not over a socket. */
  ask?(request: HookRequest, timeoutMs: number): Promise<HookVerdict | 'silent'>;
}

/** Fronts that are asked one after the other at most. */
const MAX_ASKED = 8;
const MAX_ANCESTORS = 32;

/**
 * Whom a hook can ask, best first: fronts of server mode, those nearest to this process's own client first, then the
 * local server. A hook may not know the mode, since a client can give DATABASE_URL to its servers alone.
 * @param mode of this process's own environment: with DATABASE_URL the local server is not asked
 */
export function listEndpoints(dataDir: string, mode: 'embedded' | 'server'): Endpoint[] {
  const local = { path: chooseSocketPath(dataDir), forget: () => undefined };
  const folder = chooseFrontsFolder(dataDir);
  const pids = listPids(folder);
  const own = new Map(pids.length === 0 ? [] : ancestors(process.ppid).map((pid, index) => [pid, index]));
  const fronts = pids
    .map((pid) => ({ pid, distance: distanceTo(pid, own) }))
    .sort((a, b) => a.distance - b.distance || b.pid - a.pid)
    .slice(0, MAX_ASKED)
    .map(({ pid, distance }) => ({
      distance,
      path: chooseFrontSocket(dataDir, pid),
      forget: () => forget(join(folder, `${pid}.sock`), pid),
    }));
  if (mode === 'server') return fronts;
  // A front of a stranger says nothing here: this environment's own storage is the local server's.
  return [...fronts.filter(({ distance }) => distance !== Number.POSITIVE_INFINITY), local];
}

/**
 * Processes that listen for hooks in this folder, some of which may have died. Most users have no fronts; an edit waits, and an
 * error that is thrown takes longer than a look.
 */
export function listPids(folder: string): number[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+\.sock$/.test(name))
      .map((name) => Number.parseInt(name, 10));
  } catch {
    return [];
  }
}

/** How far above this process its nearest common ancestor with a front is. */
function distanceTo(pid: number, own: ReadonlyMap<number, number>): number {
  const shared = ancestors(pid).find((each) => own.has(each) && each > 1);
  return shared === undefined ? Number.POSITIVE_INFINITY : (own.get(shared) ?? Number.POSITIVE_INFINITY);
}

/** A process and those above it, where the system tells quickly (Linux); else the process alone. */
function ancestors(pid: number): number[] {
  const chain: number[] = [];
  for (let next = pid; next > 0 && chain.length < MAX_ANCESTORS; next = readParent(next) ?? 0) chain.push(next);
  return chain;
}

function forget(entry: string, pid: number): void {
  if (!isRunning(pid) && statSync(entry, { throwIfNoEntry: false })) rmSync(entry, { force: true });
}
