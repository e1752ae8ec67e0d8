import { chooseClientPlaces, type Environment } from '../../config.js';
import { locateProject } from '../../project/locate-project.js';
import { clients } from '../clients/client-list.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { findGitFolders } from '../guards/git-folders.js';
import { findHooks } from './find-hooks.js';
import { findServerEntry } from './find-server-entry.js';
import { proveHooks } from './prove-deny.js';
import { proveGuards } from './prove-guards.js';
import type { Check } from './run-check.js';

/**
 * Proves that the edit of a held file is denied: by the commands in the files of each client that starts PopStash in this
 * folder, and by git's hooks.
 * @param folder that clients are opened in
 */
export async function* checkDenials(env: Environment, script: string, folder: string): AsyncGenerator<Check> {
  const { worktree } = locateProject(folder, undefined);
  const place = { env, script, folder, worktree };
  const named = new Set<string>();
  const connected = clients.filter((client) => isConnected(client, { folder, worktree, env, named }));
  if (connected.length === 0) {
    yield {
      name: 'deny',
      state: 'broken',
      detail: `no client that is opened in ${folder} starts PopStash or asks it before an edit: nothing is denied`,
      fix: 'popstash init',
    };
  }
  for (const client of connected) {
    if (client.hooks.length > 0) yield await proveHooks(client, place, `popstash init --client ${client.name}`);
    else
      yield {
        name: `${client.name} deny`,
        state: 'warning',
        detail: `${client.title} has no hooks: nothing checks its edits`,
      };
  }
  const folders = findGitFolders(worktree);
  if (folders !== null) yield* proveGuards(place, folders);
}

interface Opened {
  /** That clients are opened in. */
  folder: string;
  worktree: string;
  env: Environment;
  /** Files by which clients before this one are connected: a list of servers that several read is the first one's. */
  named: Set<string>;
}

function isConnected(client: ClientDefinition, { folder, worktree, env, named }: Opened): boolean {
  const home = chooseClientPlaces(env).home;
  const server = findServerEntry(client, worktree, { folder, home, variables: env });
  const isOwn = server !== null && !named.has(server.path);
  if (server) named.add(server.path);
  if (isOwn) return true;
  return [folder, worktree].some((each) => {
    return client.hooks.some(({ event }) => {
      const { hooks, faults } = findHooks(client, event, { folder: each, home, variables: env });
      return hooks.length + faults.length > 0;
    });
  });
}
