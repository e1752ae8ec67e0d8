export interface WakeablePause {
  /** Resolves after `ms`, or at the next `wake`. One pause at a time. */
  wait(ms: number): Promise<void>;
  /** Ends the pause that is under way. Does nothing between pauses. */
  wake(): void;
}

export interface WakeablePauseOptions {
  /** False: the pause alone does not keep the process alive. */
  keepsProcess?: boolean;
}

/** For loops that pause between rounds and that an event (news, a stop) starts sooner. */
export function createWakeablePause({ keepsProcess = true }: WakeablePauseOptions = {}): WakeablePause {
  let wake: () => void = () => undefined;
  return {
    wait: (ms) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        if (!keepsProcess) timer.unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    wake: () => wake(),
  };
}
