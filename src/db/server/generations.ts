import type { ClientBase } from 'pg';
import { isConnectionOutdated } from '../faults/translate-error.js';

/** Which connections of a pool may still be used. */
export interface Generations {
  /** A new connection: what the server says on it counts for all, whoever uses it. */
  add(client: ClientBase): void;
  isCurrent(client: ClientBase): boolean;
  /** Gives up all connections of now: the server at their other end is not the one to use. */
  endAll(): void;
}

export function createGenerations(): Generations {
  let generation = 0;
  const generations = new WeakMap<ClientBase, number>();
  const endAll = () => {
    generation += 1;
  };
  return {
    add(client) {
      generations.set(client, generation);
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.on('errorMessage', (error: unknown) => {
        if (isConnectionOutdated(error)) endAll();
      });
    },
    isCurrent: (client) => generations.get(client) === generation,
    endAll,
  };
}
