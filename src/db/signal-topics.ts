import type { Logger } from '../logger.js';
import type { Signals } from './signal-types.js';

export interface SignalTopics extends Pick<Signals, 'on' | 'onPrefix'> {
  /** Calls the listeners of a signal. */
  hear(payload: string | undefined): void;
  /** Calls every listener of a single topic: each may have missed its signal. */
  hearMissed(): void;
}

/** Who listens for which topic. A listener that throws is logged; the other listeners are still called. */
export function createSignalTopics(logger: Logger): SignalTopics {
  const topics = new Map<string, Set<() => void>>();
  const prefixes = new Map<string, Set<(rest: string) => void>>();

  function call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      logger.error({ err: error }, 'a listener for signals failed');
    }
  }

  return {
    on: (topic, listener) => add(topics, topic, listener),
    onPrefix: (prefix, listener) => add(prefixes, prefix, listener),
    hear(payload) {
      if (payload === undefined) return;
      for (const listener of [...(topics.get(payload) ?? [])]) call(listener);
      for (const [prefix, set] of prefixes) {
        if (!payload.startsWith(prefix)) continue;
        for (const listener of [...set]) call(() => listener(payload.slice(prefix.length)));
      }
    },
    hearMissed() {
      for (const set of [...topics.values()]) for (const listener of [...set]) call(listener);
    },
  };
}

function add<T>(map: Map<string, Set<T>>, key: string, listener: T): () => void {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0 && map.get(key) === set) map.delete(key);
  };
}
