import { type Loop, repeat } from '../../async/repeat.js';
import type { LiveAgent } from './live-agent.js';
import type { HttpSessionDeps } from './open-session.js';
import type { SessionRepository } from './session-repository.js';

/** How often sessions are kept alive, and looked after, in ms. */
const KEEP_MS = 5_000;
/** After its start a process ends none that others left: their clients are on their way, in ms. */
const PATIENCE_MS = 40_000;

export interface SessionCareDeps extends Pick<HttpSessionDeps, 'services' | 'logger'> {
  repository: SessionRepository;
  /** Those of these members whose tokens are valid no longer. */
  listRefused(memberIds: readonly string[]): Promise<Set<string>>;
}

/** Ends sessions that are silent, and those that no process keeps alive; keeps the others alive. @param sessions of this process */
export function lookAfterSessions(
  sessions: Map<string, LiveAgent>,
  { repository, listRefused, services, logger }: SessionCareDeps,
): Loop {
  const startedAt = performance.now();

  async function look(): Promise<void> {
    const refused = await listRefused([...new Set([...sessions.values()].map(({ member }) => member.id))]);
    for (const session of [...sessions.values()]) {
      if (refused.has(session.member.id)) {
        // Its stream was opened when the token was valid.
        sessions.delete(session.id);
        await repository.remove(session.id);
        await session.end('token revoked');
      }
      if (session.isLive() || !sessions.has(session.id)) continue;
      sessions.delete(session.id);
      if (await repository.removeOwn(session.id)) await session.end('silent');
      else session.leave();
    }
    const here = [...sessions.values()];
    const kept = await repository.keep(here.map(({ id }) => id));
    for (const session of here.filter(({ id }) => !kept.has(id))) {
      // It may have ended here meanwhile.
      if (!sessions.delete(session.id)) continue;
      session.leave();
      // This copy may have given a sign of life after the end.
      await services.agents.disconnect(session.agentId, 'ended');
    }
    if (performance.now() - startedAt < PATIENCE_MS) return;
    for (const agentId of await repository.removeForsaken()) await services.agents.disconnect(agentId, 'server_gone');
  }

  return repeat(
    async () => {
      await look();
      return KEEP_MS;
    },
    (error) => {
      logger.debug({ err: error }, 'sessions could not be looked after');
      return KEEP_MS;
    },
  );
}
