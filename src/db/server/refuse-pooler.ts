import type { ClientBase } from 'pg';
import { describeFault } from '../faults/describe-fault.js';
import { TRANSACTION_POOLER } from '../faults/state-faults.js';

/**
 * Looks at which process of the server answers, of two connections in turn and at once. Beside other clients one look may not
 * tell. Each takes three short queries, once for a pool whose connections a pooler gives.
 */
const ROUNDS = 30;

/** Whether something stands between: a pooler gives its clients keys of its own. */
export function isPooled(client: ClientBase, pid: number): boolean {
  return (client as unknown as { processID: number | null }).processID !== pid;
}

/**
 * Refuses a pooler that lends a connection of the server for one transaction only: then two clients that are both connected
 * meet the same process of the server, or one meets two.
 * @param open makes another connection; one that can't be made (a pooler in session mode whose connections are all in use)
 *   shows nothing
 * @throws AppError `database_unavailable`, not retryable
 */
export async function refuseTransactionPooler(client: ClientBase, open: () => Promise<ClientBase>): Promise<void> {
  const own = await readPid(client);
  const other = await open().catch(() => null);
  if (other === null) return;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const alone = await readPid(other);
      const [first, second] = await Promise.all([readPid(client), readPid(other)]);
      if (alone === own || first !== own || second !== alone) throw describeFault(TRANSACTION_POOLER, '');
    }
  } finally {
    await (other as ClientBase & { end(): Promise<void> }).end().catch(() => undefined);
  }
}

async function readPid(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}
