import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { Disconnected } from './agent-repository.js';

/** The spans of what ended with an agent. */
export async function logEndSpans(telemetry: Telemetry, { agentId, locks, sessions }: Disconnected): Promise<void> {
  for (const { id, pattern } of locks) {
    const attributes = { 'lock.id': id, 'lock.pattern': pattern, 'agent.id': agentId };
    await telemetry.withSpan('pop_stash.lock.release', attributes, async () => undefined);
  }
  for (const { id } of sessions) {
    const attributes = { 'session.id': id, status: 'abandoned', 'agent.id': agentId };
    await telemetry.withSpan('pop_stash.session.end', attributes, async () => undefined);
  }
}
