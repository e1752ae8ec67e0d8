import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { Disconnected } from './agent-repository.js';

/** The spans of what ended with an agent. */
export function logEndSpans(telemetry: Telemetry, { agentId, locks, sessions }: Disconnected): void {
  for (const { id, pattern } of locks) {
    const attributes = { 'lock.id': id, 'lock.pattern': pattern, 'agent.id': agentId };
    telemetry.record('pop_stash.lock.release', attributes);
    telemetry.metrics.lockEnded(id, 'release');
  }
  for (const { id } of sessions) {
    const attributes = { 'session.id': id, status: 'abandoned', 'agent.id': agentId };
    telemetry.record('pop_stash.session.end', attributes);
  }
}
