import type { ClientDefinition } from '../definition/define-client.js';
import { claudeCode } from './claude-code.js';
import { cline } from './cline.js';
import { cursor } from './cursor.js';

/** Every client that init connects. A hook without `--client` is of the first. */
export const clients: readonly [ClientDefinition, ...ClientDefinition[]] = [claudeCode, cursor, cline];

/** The client of that name, if there is one. */
export function findClient(name: string): ClientDefinition | undefined {
  return clients.find((client) => client.name === name);
}
