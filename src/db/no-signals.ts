import type { Signals } from './signal-types.js';

/** For processes in which nobody waits for anybody. */
export const NO_SIGNALS: Signals = {
  join: () => () => undefined,
  on: () => () => undefined,
  onPrefix: () => () => undefined,
};
