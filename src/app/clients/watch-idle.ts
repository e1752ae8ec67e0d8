export interface IdleWatchOptions {
  /** Without a client for this long the server ends, in ms. */
  idleMs: number;
  hasClients: () => boolean;
  /** True while passages lack their vectors. */
  isBehind: () => Promise<boolean>;
  onIdle: () => void;
}

export interface IdleWatch {
  /** Counts from now: a client has gone, or the server has just started. */
  restart(): void;
  stop(): void;
}

/** While passages lack vectors, an idle server waits for them: polled this often, in ms, and this many times at most. */
const BEHIND_CHECK_MS = 2_000;
const MAX_BEHIND_CHECKS = 150;

/** Tells when a server that nobody uses may end. */
export function createIdleWatch({ idleMs, hasClients, isBehind, onIdle }: IdleWatchOptions): IdleWatch {
  let timer: NodeJS.Timeout | undefined;

  function wait(ms: number, checks: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void check(checks), ms);
  }

  async function check(checks: number): Promise<void> {
    const current = timer;
    const behind = checks < MAX_BEHIND_CHECKS && !hasClients() && (await isBehind());
    // A client that came meanwhile restarts the count when it goes.
    if (hasClients() || timer !== current) return;
    if (behind) wait(BEHIND_CHECK_MS, checks + 1);
    else onIdle();
  }

  return {
    restart() {
      if (!hasClients()) wait(idleMs, 0);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
