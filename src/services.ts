import type { Signals } from './db/signal-types.js';
import type { AgentsService } from './domain/agents/agents-service.js';
import type { AnnouncementsService } from './domain/announcements/announcements-service.js';
import type { ContextService } from './domain/context/context-service.js';
import type { DecisionsService } from './domain/decisions/decisions-service.js';
import type { InsightsService } from './domain/insights/insights-service.js';
import type { LocksService } from './domain/locks/locks-service.js';
import type { ForgetService } from './domain/memory/forget-service.js';
import type { Degradation } from './domain/memory/memory-types.js';
import type { NoticeRepository } from './domain/notices/notice-repository.js';
import type { RecallService } from './domain/recall/recall-service.js';
import type { SessionsService } from './domain/sessions/sessions-service.js';
import type { StashesService } from './domain/stashes/stashes-service.js';
import type { StatusRepository } from './domain/status/status-repository.js';
import type { GuardService } from './guard/guard-service.js';
import type { Telemetry } from './telemetry/telemetry-types.js';

/** Everything a tool may call. Tools name the services they use; nothing else reaches them. */
export interface Services {
  agents: AgentsService;
  sessions: SessionsService;
  locks: LocksService;
  announcements: AnnouncementsService;
  notices: NoticeRepository;
  stashes: StashesService;
  insights: InsightsService;
  decisions: DecisionsService;
  recall: RecallService;
  context: ContextService;
  forget: ForgetService;
  status: StatusRepository;
  guard: GuardService;
  telemetry: Telemetry;
  /** What other processes tell this one. */
  signals: Signals;
  /** Parts that are known to be away at this moment. */
  degraded(): Degradation[];
}
