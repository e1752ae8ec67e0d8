import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { ClientCall } from '../../actor/client-call.js';
import type { Logger } from '../../logger.js';
import { identifyClient } from '../clients/call-ids.js';
import { identifyTask, linkClientSession, type TaskIdentity } from '../ledger/identify-task.js';

/** Tells the ledger which of a client's requests belong to which task. All return at once: no call waits for the ledger. */
export interface TaskLinks {
  taskStarted(taskId: string, call: ClientCall): void;
  /** @param call that ended it; none where its agent has gone */
  taskEnded(taskId: string, call?: ClientCall): void;
  /**
   * An agent serves this session of its client: a hook has said so, or the client did when it started the server.
   * @param name what the client called itself
   */
  sessionKnown(agentId: string, name: string, session: string): void;
  /** Writes at once what waits. Resolves when everything is written or given up. */
  flush(): Promise<void>;
}

/** Writing waits this long, in ms: the answer to start_task needs the database at that time, and goes first. */
const DELAY_MS = 250;
/** Pauses before another attempt after a failure, in ms: a database that restarts is back by then. */
const RETRY_AFTER_MS = [500, 5_000];

export function createTaskLinks({ pool, logger }: { pool: Pool; logger: Logger }): TaskLinks {
  const waiting = new Map<string, TaskIdentity>();
  const writing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isClosing = false;

  function note(identity: TaskIdentity): void {
    waiting.set(identity.taskId, { ...waiting.get(identity.taskId), ...identity });
    timer ??= setTimeout(writeWaiting, DELAY_MS);
  }

  function writeWaiting(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const identity of waiting.values()) run(() => identifyTask(pool, identity));
    waiting.clear();
  }

  function run(work: () => Promise<void>): void {
    const written = attempt(work).catch((error: unknown) =>
      logger.warn({ err: error }, 'requests could not be linked to their task'),
    );
    writing.add(written);
    void written.finally(() => writing.delete(written));
  }

  /** Linking is idempotent. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    for (const pauseMs of RETRY_AFTER_MS) {
      try {
        await work();
        return;
      } catch (error) {
        if (isClosing) throw error;
        await sleep(pauseMs, undefined, { ref: false });
      }
    }
    await work();
  }

  return {
    taskStarted: (taskId, { client, session, callId }) =>
      note({ taskId, client, clientSession: session, startCallId: callId }),
    // The client and its session once more: the start may not have been written.
    taskEnded: (taskId, call) =>
      note({ taskId, ...(call && { client: call.client, clientSession: call.session, endCallId: call.callId }) }),
    sessionKnown(agentId, name, session) {
      const client = identifyClient(name);
      if (client !== null) run(() => linkClientSession(pool, client, session, agentId));
    },
    async flush() {
      isClosing = true;
      writeWaiting();
      await Promise.all(writing);
    },
  };
}
