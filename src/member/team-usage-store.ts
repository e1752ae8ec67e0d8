import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { FolderOrigin } from '../accountability/ledger/entry-row.js';
import type { UsageStore } from '../accountability/reader/usage-store.js';
import { AppError } from '../errors.js';
import { runFileTask } from '../files/run-file-task.js';
import { identityTasks } from '../project/identity-tasks.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { FilePositions } from './file-positions.js';
import type { SharedPlaces } from './shared-places.js';
import type { TeamClient } from './team-client.js';

export interface TeamStoreDeps {
  team: Pick<TeamClient, 'recordUsage'>;
  identities: Pick<ProjectIdentities, 'resolve'>;
  shared: Pick<SharedPlaces, 'find'>;
  positions: FilePositions;
}

/** Folders that are remembered: the rows of a reading name few, again and again. */
const MAX_FOLDERS = 1_000;
const NOTHING = { inserted: 0, updated: 0, merged: 0 };

/**
 * Writes usage into the ledger of a team, by its server. Only requests of repositories and folders that the team knows are told:
 * those in which an agent of this machine has worked with its server.
 */
export function createTeamStore({ team, identities, shared, positions }: TeamStoreDeps): UsageStore {
  const known = new LRUCache<string, Promise<{ origin: FolderOrigin | null }>>({ max: MAX_FOLDERS });

  async function locate(cwd: string): Promise<FolderOrigin | null> {
    const located = known.get(cwd) ?? find(cwd).then((origin) => ({ origin }));
    known.set(cwd, located);
    return (await located).origin;
  }

  async function find(cwd: string): Promise<FolderOrigin | null> {
    try {
      if (!isAbsolute(cwd) || !(await runFileTask(identityTasks.lookAtRoot, cwd)).exists) return null;
      const { root, worktree } = await identities.resolve(cwd, undefined);
      const projectId = shared.find(root);
      return projectId === null ? null : { projectId, root: `${hostname()}:${root}`, worktree };
    } catch {
      // Its files do not answer.
      return null;
    }
  }

  /** Whether something was left out of a file that the team knows by now: the file is read again. */
  async function isOutdated(skipped: readonly string[] = []): Promise<boolean> {
    for (const cwd of skipped) if (await locate(cwd)) return true;
    return false;
  }

  return {
    async listStamps(client) {
      const stamps = new Map<string, string>();
      for (const { path, state, skipped } of positions.list(client)) {
        const stamp = (state as { stamp?: unknown } | null)?.stamp;
        if (typeof stamp === 'string' && !(await isOutdated(skipped))) stamps.set(path, stamp);
      }
      return stamps;
    },

    /** One process of this machine reads for a team: nobody else has the file. */
    async claim(files) {
      const claims = files.map(async ({ client, path }) => {
        const position = positions.find(client, path);
        const state = position && !(await isOutdated(position.skipped)) ? position.state : null;
        return { host: '', client, path, claim: '', state };
      });
      return await Promise.all(claims);
    },

    async release() {},

    async record(records, files) {
      const folders = new Map<string, FolderOrigin>();
      const skipped = new Set<string>();
      for (const { cwd } of records) {
        if (cwd === null || folders.has(cwd) || skipped.has(cwd)) continue;
        const origin = await locate(cwd);
        if (origin) folders.set(cwd, origin);
        else skipped.add(cwd);
      }
      const told = records.filter(({ cwd }) => cwd !== null && folders.has(cwd));
      const outcome = told.length === 0 ? NOTHING : await tell([...told], [...folders]);
      positions.save(
        files.map(({ client, path, state }) => {
          const left = new Set([...(positions.find(client, path)?.skipped ?? []), ...skipped]);
          return { client, path, state: state as never, ...(left.size > 0 && { skipped: [...left] }) };
        }),
      );
      return outcome;
    },
  };

  async function tell(...[records, folders]: [ReportParts['records'], ReportParts['folders']]) {
    try {
      return await team.recordUsage({ records, folders });
    } catch (error) {
      if (!(error instanceof AppError) || (!error.retryable && error.code !== 'invalid_argument')) throw error;
      // The server is away, or knows the token no more: not these records are at fault.
      const { message, fix } = error;
      throw new AppError({ code: 'database_unavailable', message, fix, retryable: true, cause: error });
    }
  }
}

type ReportParts = Parameters<TeamClient['recordUsage']>[0];
