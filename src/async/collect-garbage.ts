import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects all garbage of this thread now, which takes some 10 ms. For moments after which nothing is asked for a while:
 * V8 does not see how much memory outside its heap garbage holds, and collects when its own heap grows.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
