import type { Pool } from 'pg';
import type { Actor } from '../../../src/actor/actor.js';
import { createAgentRepository } from '../../../src/coordination/agents/agent-repository.js';
import { createLockRepository } from '../../../src/coordination/locks/lock-repository.js';
import type { AcquireOutcome, AcquireRequest, PlacedPattern } from '../../../src/coordination/locks/lock-types.js';
import { createLocksService, type LocksService } from '../../../src/coordination/locks/locks-service.js';
import { createAbandonedTasks } from '../../../src/coordination/sessions/abandoned-tasks.js';
import { createSessionRepository } from '../../../src/coordination/sessions/session-repository.js';
import { createSessionsService, type SessionsService } from '../../../src/coordination/sessions/sessions-service.js';
import { normalizePattern } from '../../../src/globs/normalize-pattern.js';
import { newId } from '../../../src/text/ids.js';
import { createRedactor } from '../../../src/text/redact.js';
import { noLinks } from '../ledger/no-links.js';
import { createPoolSignals } from '../setup/pool-signals.js';
import { noTelemetry } from '../telemetry/telemetry.js';

const WORKTREE = '/nowhere';

/** A pattern as tools make it, in a worktree where nothing exists. */
export function toPlaced(text: string, board = 'proj_locks', worktree = WORKTREE): PlacedPattern {
  const pattern = normalizePattern(text, { worktree, foldsCase: false, exists: () => null });
  return { ...pattern, board, root: board, worktree, shown: pattern.pattern, isNew: !pattern.isGlob };
}

export interface LockServices {
  locks: LocksService;
  sessions: SessionsService;
  /** Makes an agent known and acts for it. */
  connect(name: string, sessionId?: string | null): Promise<Actor>;
  acquire(actor: Actor, texts: string[], more?: Partial<AcquireRequest>): Promise<AcquireOutcome>;
  /** Patterns on the board of these services. */
  place(...texts: string[]): PlacedPattern[];
  close(): Promise<void>;
}

/** The services of coordination on a database, with signals through it, as a front has them. */
export async function openLockServices(
  pool: Pool,
  { lifeSeconds = 900, projectId = 'proj_locks' } = {},
): Promise<LockServices> {
  const signals = await createPoolSignals(pool);
  const agents = createAgentRepository(pool);
  const locks = createLocksService({
    repository: createLockRepository(pool),
    signals,
    telemetry: noTelemetry,
    lifeSeconds,
  });
  const sessions = createSessionsService({
    repository: createSessionRepository(pool),
    abandoned: createAbandonedTasks(pool),
    locks,
    redactor: createRedactor(),
    telemetry: noTelemetry,
    finishTask: async () => null,
    links: noLinks,
  });
  const place = (...texts: string[]) => texts.map((text) => toPlaced(text, projectId));
  return {
    locks,
    place,
    sessions,
    async connect(name, sessionId = null) {
      const agentId = newId('agent_');
      const project = { id: projectId, root: '/nowhere', worktree: WORKTREE };
      signals.join(agentId);
      await agents.connect(project, {
        id: agentId,
        client: name,
        clientVersion: null,
        host: 'test',
        pid: process.pid,
        terminal: null,
        branch: null,
        clientSession: null,
      });
      return { projectId, agentId, sessionId };
    },
    acquire: (actor, texts, more = {}) =>
      locks.acquire(actor, {
        patterns: place(...texts),
        mode: 'exclusive',
        waitSeconds: 0,
        origin: 'tool',
        ...more,
      }),
    close: () => signals.close(),
  };
}
