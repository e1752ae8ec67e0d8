import type { Pool } from 'pg';
import type { ProofOfLife } from './db/prove-life.js';
import type { Signals } from './db/signal-types.js';
import { createAgentRepository } from './domain/agents/agent-repository.js';
import { createAgentsService } from './domain/agents/agents-service.js';
import { createAnnouncementRepository } from './domain/announcements/announcement-repository.js';
import { createAnnouncementsService } from './domain/announcements/announcements-service.js';
import { createContextService } from './domain/context/context-service.js';
import { createDecisionRepository } from './domain/decisions/decision-repository.js';
import { createDecisionsService } from './domain/decisions/decisions-service.js';
import { createInsightRepository } from './domain/insights/insight-repository.js';
import { createInsightsService } from './domain/insights/insights-service.js';
import { createLockRepository } from './domain/locks/lock-repository.js';
import { createLocksService } from './domain/locks/locks-service.js';
import { createForgetRepository } from './domain/memory/forget-repository.js';
import { createForgetService } from './domain/memory/forget-service.js';
import { createNoticeRepository } from './domain/notices/notice-repository.js';
import { createRecallRepository } from './domain/recall/recall-repository.js';
import { createRecallService } from './domain/recall/recall-service.js';
import { createSessionRepository } from './domain/sessions/session-repository.js';
import { createSessionsService } from './domain/sessions/sessions-service.js';
import { createStashRepository } from './domain/stashes/stash-repository.js';
import { createStashesService } from './domain/stashes/stashes-service.js';
import { createStatusRepository } from './domain/status/status-repository.js';
import type { QueryEmbedder } from './embedding/embedding-types.js';
import { createGuardRepository } from './guard/guard-repository.js';
import { createGuardService } from './guard/guard-service.js';
import type { Producer } from './queue/catalog.js';
import { createSearch } from './search/search.js';
import type { Services } from './services.js';
import type { Telemetry } from './telemetry/telemetry-types.js';
import { createRedactor } from './text/redact.js';

export interface ServiceParts {
  pool: Pool;
  producer: Producer;
  queryEmbedder: QueryEmbedder;
  telemetry: Telemetry;
  signals: Signals;
  /** Where one agent is the whole process. */
  proof?: ProofOfLife;
  lockLifeSeconds: number;
}

/** Composes the domain from its clients; the same in a front process, the embedded server and the evaluation. */
export function createServices(parts: ServiceParts): Services {
  const { pool, producer, queryEmbedder, telemetry, signals, lockLifeSeconds } = parts;
  const redactor = createRedactor();
  const search = createSearch({ pool, queryEmbedder });
  const write = { producer, redactor, telemetry };
  const forget = createForgetService({ ...write, repository: createForgetRepository(pool) });
  const locks = createLocksService({
    repository: createLockRepository(pool),
    signals,
    telemetry,
    lifeSeconds: lockLifeSeconds,
    onGranted: (projectId, lockId, ms) => producer.enqueue('lock-expiry', { projectId, lockId }, ms),
  });
  const agents = createAgentsService({ repository: createAgentRepository(pool), telemetry, proof: parts.proof });
  const sessions = createSessionsService({ repository: createSessionRepository(pool), locks, redactor, telemetry });
  const memories = createRecallRepository(pool);
  const decisions = createDecisionRepository(pool);
  return {
    agents,
    sessions,
    locks,
    announcements: createAnnouncementsService({ repository: createAnnouncementRepository(pool), redactor, telemetry }),
    notices: createNoticeRepository(pool),
    stashes: createStashesService({ ...write, repository: createStashRepository(pool), search, forget }),
    insights: createInsightsService({ ...write, repository: createInsightRepository(pool) }),
    decisions: createDecisionsService({ ...write, repository: decisions, search }),
    recall: createRecallService({ repository: memories, search, redactor, telemetry }),
    context: createContextService({ search, memories, decisions, sessions, redactor, telemetry }),
    forget,
    status: createStatusRepository(pool),
    guard: createGuardService({ repository: createGuardRepository(pool), locks, sessions, agents, redactor }),
    telemetry,
    signals,
    degraded: () => (producer.isUp() ? [] : ['jobs']),
  };
}
