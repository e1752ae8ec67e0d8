import { performance } from 'node:perf_hooks';
import { collectGarbage } from './collect-garbage.js';

/** Between two looks at how busy this thread is, in ms. */
const LOOK_MS = 5_000;
/** Share of the time: beats of the heart, of the vacuum and of other timers take less. */
const BUSY = 0.05;

/**
 * Collects this thread's garbage once whenever it has become idle: V8 collects when memory is asked for, so what a busy
 * time has left would stay for as long as nothing is asked.
 * @returns ends that
 */
export function collectWhenIdle(lookMs = LOOK_MS): () => void {
  let seen = performance.eventLoopUtilization();
  let isCollected = false;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, seen);
    seen = now;
    if (utilization >= BUSY) isCollected = false;
    else if (!isCollected) {
      collectGarbage();
      isCollected = true;
      seen = performance.eventLoopUtilization();
    }
  }, lookMs).unref();
  return () => clearInterval(timer);
}
