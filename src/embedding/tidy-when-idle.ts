/** Does something once whenever nothing has happened for a while. */
export interface IdleTidier {
  /** Something happened. */
  touch(): void;
}

/** @param idleMs without a `touch`, in ms. It keeps no process alive. */
export function tidyWhenIdle(idleMs: number, tidy: () => void): IdleTidier {
  let timer: NodeJS.Timeout | undefined;
  return {
    touch() {
      if (timer) timer.refresh();
      else {
        timer = setTimeout(() => {
          timer = undefined;
          tidy();
        }, idleMs).unref();
      }
    },
  };
}
