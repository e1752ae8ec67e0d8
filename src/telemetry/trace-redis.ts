import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { Redis } from 'ioredis';

/**
 * Makes each Redis command below an active span a CLIENT span. The bundle hides ioredis from import hooks, so the
 * instrumentation's own patch is applied to the bundled module, once for all connections, BullMQ's included.
 * @returns how to take it back
 */
export function traceRedis(): () => void {
  const instrumentation = new IORedisInstrumentation({
    enabled: false,
    // The command alone: arguments are keys and values.
    dbStatementSerializer: (command) => command,
  });
  const [definition] = instrumentation.init();
  definition?.patch?.(Redis);
  return () => definition?.unpatch?.(Redis);
}
