import { AppError } from '../errors.js';

/** Counts down while nobody has paused it. @param limitMs after so much unpaused time `expired` rejects with `timeout` */
export function createWorkClock(limitMs: number) {
  let left = limitMs;
  let since = performance.now();
  let pauses = 0;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let expire: (error: AppError) => void = () => undefined;
  const expired = new Promise<never>((_, reject) => {
    expire = reject;
  });
  expired.catch(() => undefined);

  function go(): void {
    since = performance.now();
    timer = setTimeout(() => {
      isOver = true;
      expire(tookTooLong(limitMs));
    }, left);
  }

  go();
  return {
    expired,
    isOver: () => isOver,
    pause(): () => void {
      if (pauses === 0) left -= performance.now() - since;
      clearTimeout(timer);
      pauses += 1;
      return () => {
        pauses -= 1;
        if (pauses === 0 && !isOver) go();
      };
    },
    stop(): void {
      pauses += 1;
      clearTimeout(timer);
    },
  };
}

function tookTooLong(limitMs: number): AppError {
  return new AppError({
    code: 'timeout',
    message: `The call took longer than ${Math.round(limitMs / 1_000)} s; what it may still do is not answered.`,
    fix: 'Look at what it has done (recall, timeline) before you call again.',
    retryable: true,
  });
}
