import type { Pool } from 'pg';
import type { SessionsService } from '../coordination/sessions/sessions-service.js';
import { createContextService } from '../memory/context/context-service.js';
import { createSessionMemory } from '../memory/context/session-memory.js';
import { createDecisionRepository } from '../memory/decisions/decision-repository.js';
import { createDecisionsService } from '../memory/decisions/decisions-service.js';
import { createAskedQueries } from '../memory/feedback/asked-queries.js';
import { createFeedbackRepository } from '../memory/feedback/feedback-repository.js';
import { createFeedbackService } from '../memory/feedback/feedback-service.js';
import { createForgetRepository } from '../memory/forget/forget-repository.js';
import { createForgetService } from '../memory/forget/forget-service.js';
import { createInsightRepository } from '../memory/insights/insight-repository.js';
import { createInsightsService } from '../memory/insights/insights-service.js';
import type { PlacedWriteDeps } from '../memory/memory-deps.js';
import type { HoldLabels } from '../memory/origins/label-holds.js';
import { createRecallRepository } from '../memory/recall/recall-repository.js';
import { createRecallService } from '../memory/recall/recall-service.js';
import type { Search } from '../memory/search/search-types.js';
import { createStashRepository } from '../memory/stashes/stash-repository.js';
import { createStashesService } from '../memory/stashes/stashes-service.js';
import { createRestoreRepository } from '../memory/versions/restore-repository.js';
import { createVersionRepository } from '../memory/versions/version-repository.js';
import { createVersionsService } from '../memory/versions/versions-service.js';

export interface MemoryParts extends PlacedWriteDeps {
  pool: Pool;
  search: Search;
  sessions: Pick<SessionsService, 'whoIsWorking'>;
  labels: HoldLabels;
}

/** Composes the services of memory. */
export function createMemoryServices({ pool, search, sessions, labels, ...write }: MemoryParts) {
  const memories = createRecallRepository(pool);
  const decisions = createDecisionRepository(pool);
  const stashes = createStashRepository(pool);
  const forget = createForgetService({
    ...write,
    repository: createForgetRepository(pool),
    versions: createRestoreRepository(pool),
  });
  return {
    stashes: createStashesService({ ...write, repository: stashes, search, memories, forget, labels }),
    insights: createInsightsService({ ...write, repository: createInsightRepository(pool) }),
    decisions: createDecisionsService({ ...write, repository: decisions, search }),
    recall: createRecallService({ ...write, repository: memories, search, labels }),
    feedback: createFeedbackService({
      ...write,
      repository: createFeedbackRepository(pool),
      asked: createAskedQueries(),
      search,
    }),
    versions: createVersionsService({ repository: createVersionRepository(pool), labels }),
    context: createContextService({ ...write, search, memories, decisions, sessions, labels }),
    forget,
    /** What a session begins with. */
    readMemory: createSessionMemory({ stashes, decisions, search }),
  };
}
