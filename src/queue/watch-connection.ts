import type { QueueConnection } from './connection-types.js';

/** Answers are awaited this long, in ms, before a backend counts as away. */
const PROBE_TIMEOUT_MS = 1_000;
/** A backend that is away is asked again this often, in ms. */
const RETRY_MS = 250;

/** Knows whether a connection's backend answers: a stopped process keeps its sockets, so only an answer tells. */
export interface Watch {
  state(): 'connecting' | 'up' | 'down';
  /** Resolves when the state is no longer 'connecting'. */
  known: Promise<void>;
  start(connection: QueueConnection): void;
  /** A command failed: ask now; `silent`, when it got no answer at all, already counts as away. */
  doubt(silent: boolean): void;
  onUp(listener: () => void): void;
  onDown(listener: () => void): void;
  stop(): void;
}

export function createWatch(watchMs: number): Watch {
  let state: 'connecting' | 'up' | 'down' = 'connecting';
  let stopped = false;
  let fresh = true;
  let wake: () => void = () => undefined;
  let settle: () => void = () => undefined;
  const known = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const onUp: (() => void)[] = [];
  const onDown: (() => void)[] = [];

  function become(next: 'up' | 'down', again: boolean): void {
    const changed = state !== next;
    state = next;
    settle();
    if (!changed && !again) return;
    for (const listener of next === 'up' ? onUp : onDown) listener();
  }

  // The timer alone must not keep a process alive.
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function run(connection: QueueConnection): Promise<void> {
    // The first connection is on its way: give it its chance before calling it away.
    if (!connection.isConnected()) await pause(RETRY_MS);
    while (!stopped) {
      const answered = await connection.probe(PROBE_TIMEOUT_MS).then(
        () => true,
        () => false,
      );
      if (stopped) break;
      become(answered ? 'up' : 'down', answered && fresh);
      if (answered) fresh = false;
      await pause(answered ? watchMs : RETRY_MS);
    }
    state = 'down';
    settle();
  }

  return {
    state: () => state,
    known,
    start: (connection) => {
      connection.onConnect(() => {
        fresh = true;
        wake();
      });
      void run(connection);
    },
    doubt: (silent) => {
      if (silent && !stopped) become('down', false);
      wake();
    },
    onUp: (listener) => void onUp.push(listener),
    onDown: (listener) => void onDown.push(listener),
    stop: () => {
      stopped = true;
      wake();
    },
  };
}
