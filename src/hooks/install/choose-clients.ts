import { AppError } from '../../errors.js';
import { clients } from '../clients/client-list.js';
import type { ClientDefinition } from '../definition/define-client.js';

/** Names of all clients. */
function listClientNames(): string {
  return clients.map(({ name }) => name).join(', ');
}

/**
 * The clients that init connects.
 * @param names separated by commas; those in use in the worktree, if left out
 * @throws AppError `invalid_argument` for a name that no client has
 */
export function chooseClients(names: string | undefined, worktree: string): ClientDefinition[] {
  if (names === undefined) return clients.filter((client) => client.isUsedIn(worktree));
  return names.split(',').map((name) => {
    const client = clients.find((known) => known.name === name.trim().toLowerCase());
    if (client) return client;
    throw new AppError({
      code: 'invalid_argument',
      message: `"${name.trim()}" is no client that init knows.`,
      fix: `Known: ${listClientNames()}. Others take the MCP entry of the README.`,
    });
  });
}
