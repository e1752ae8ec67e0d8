/** Does something once whenever nothing has happened for a while. */
export interface IdleWatch {
  /** Something happened. */
  touch(): void;
}

/** @param idleMs without a `touch`, in ms. It keeps no process alive. */
export function actWhenIdle(idleMs: number, act: () => void): IdleWatch {
  let timer: NodeJS.Timeout | undefined;
  return {
    touch() {
      if (timer) timer.refresh();
      else {
        timer = setTimeout(() => {
          timer = undefined;
          act();
        }, idleMs).unref();
      }
    },
  };
}
