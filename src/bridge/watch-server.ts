import { type EndableProcess, endProcess, isStopped } from '../ipc/end-owner.js';

export interface ServerWatchOptions {
  /** Calls without an answer. */
  pending: () => number;
  /** Asks the server whether it is there, over a connection of its own. False, or a rejection: no answer. */
  probe: () => Promise<boolean>;
  /** Whether the server has only just been started: it may be silent for longer. */
  isStarting: () => boolean;
  /** The server has been silent for too long: the calls that wait are to be answered with an error. */
  onSilent: () => void;
}

export interface ServerWatch {
  /** A server is attached. */
  follow(server: EndableProcess): void;
  /** It is gone. */
  unfollow(): void;
  /** It was given a call. */
  called(): void;
  /** It said something. */
  heard(): void;
}

/** Between two looks while calls wait, in ms. */
const TICK_MS = 250;
/** Without a word for so long, in ms, the server is asked whether it is there; again as often. */
const PROBE_MS = 1_000;
/** A server that is stopped (SIGSTOP) and silent for so long, in ms, is ended: another one carries the calls out. */
const STOPPED_MS = 2_000;
/** After so long, in ms, the waiting calls are answered with an error. */
const SILENT_MS = 4_000;
/** The same while the server starts. */
const SILENT_AT_START_MS = 15_000;
/** A server that answers nothing for so long, in ms, is beyond hope, whatever keeps it. */
const HOPELESS_MS = 20_000;

/**
 * Sees that nobody waits for a server that does not live. A long call is no silence: while it is under way the server
 * still answers the probe. Time counts only while this process runs: after a machine's sleep, or while this process itself
 * is stopped, nothing has become silent.
 */
export function createServerWatch({ pending, probe, isStarting, onSilent }: ServerWatchOptions): ServerWatch {
  let server: EndableProcess | null = null;
  let timer: NodeJS.Timeout | undefined;
  let silentMs = 0;
  let lastTick = 0;
  let nextProbeMs = PROBE_MS;
  let isProbing = false;
  let isTold = false;

  function hear(): void {
    silentMs = 0;
    nextProbeMs = PROBE_MS;
    isTold = false;
  }

  function rest(): void {
    clearInterval(timer);
    timer = undefined;
    hear();
  }

  function ask(): void {
    const asked = server;
    isProbing = true;
    nextProbeMs = silentMs + PROBE_MS;
    const answered = (isThere: boolean): void => {
      isProbing = false;
      if (isThere && server === asked) hear();
    };
    probe().then(answered, () => answered(false));
  }

  function tick(): void {
    const now = performance.now();
    const passed = Math.min(now - lastTick, 2 * TICK_MS);
    lastTick = now;
    if (!server || (pending() === 0 && !isTold)) {
      rest();
      return;
    }
    silentMs += passed;
    if (silentMs >= nextProbeMs && !isProbing) ask();
    const isDead = silentMs >= HOPELESS_MS || (silentMs >= STOPPED_MS && isStopped(server));
    if (isDead && endProcess(server)) {
      rest();
    } else if (!isTold && silentMs >= SILENT_MS && (silentMs >= SILENT_AT_START_MS || !isStarting())) {
      isTold = true;
      onSilent();
    }
  }

  return {
    follow(attached) {
      server = attached;
      hear();
      if (pending() > 0) this.called();
    },
    unfollow() {
      server = null;
      rest();
    },
    called() {
      if (timer || !server) return;
      lastTick = performance.now();
      timer = setInterval(tick, TICK_MS);
    },
    heard: hear,
  };
}
