import type { Actor } from '../../actor/actor.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { ActivityType } from './activity-types.js';

/** The span of an activity. The row itself is written by the statement of the event that it records. */
export function logActivitySpan(telemetry: Pick<Telemetry, 'record'>, actor: Actor, type: ActivityType): void {
  telemetry.record('pop_stash.activity.log', {
    'activity.type': type,
    'agent.id': actor.agentId,
    'session.id': actor.sessionId,
  });
}
