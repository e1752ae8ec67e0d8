import type { Actor } from '../../actor/actor.js';
import { AppError } from '../../errors.js';
import { clipText } from '../../text/clip-text.js';
import { isIdOf } from '../../text/ids.js';
import type { SessionsService } from './sessions-service.js';

/**
 * The actor within the named session, or as it is when none is named.
 * @throws AppError `not_found` naming the sessions that are active
 */
export async function actInSession(
  sessions: Pick<SessionsService, 'listActive'>,
  actor: Actor,
  sessionId: string | undefined,
): Promise<Actor> {
  if (sessionId === undefined || sessionId === actor.sessionId) return actor;
  const active = await sessions.listActive(actor.agentId, isIdOf('sess_', sessionId) ? sessionId : null);
  if (active.some(({ id }) => id === sessionId)) return { ...actor, sessionId };
  throw new AppError({
    code: 'not_found',
    message: `session_id: ${JSON.stringify(clipText(sessionId, 60))} is no active task of this connection.`,
    fix:
      active.length > 0
        ? `Active: ${active.map(({ id }) => id).join(', ')}; without session_id the current one is meant.`
        : 'Leave session_id out, or call start_task first.',
  });
}
