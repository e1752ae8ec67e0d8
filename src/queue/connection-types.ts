import type { ConnectionOptions } from 'bullmq';

/** One connection to the queue's backend that fails at once when that is away: for giving jobs and for watching. */
export interface QueueConnection {
  /** What BullMQ's Queue is built with. */
  queueConnection: ConnectionOptions;
  /** True when a command given now is sent now. */
  isConnected(): boolean;
  /** Resolves when the backend answers; rejects when it doesn't within `timeoutMs`. */
  probe(timeoutMs: number): Promise<void>;
  /** The position from which an event listener misses nothing from now on; undefined: its own default. */
  eventCursor(): Promise<string | undefined>;
  /** Called at every (re)connection; the backend may still not answer. */
  onConnect(listener: () => void): void;
  close(): Promise<void>;
}
