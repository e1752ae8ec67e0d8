import type { AgentsService } from '../coordination/agents/agents-service.js';
import type { AnnouncementsService } from '../coordination/announcements/announcements-service.js';
import type { LocksService } from '../coordination/locks/locks-service.js';
import type { NoticeRepository } from '../coordination/notices/notice-repository.js';
import type { SessionsService } from '../coordination/sessions/sessions-service.js';
import type { StatusRepository } from '../coordination/status/status-repository.js';
import type { Signals } from '../db/signal-types.js';
import type { GuardService } from '../hooks/policy/guard-service.js';
import type { ContextService } from '../memory/context/context-service.js';
import type { DecisionsService } from '../memory/decisions/decisions-service.js';
import type { ForgetService } from '../memory/forget/forget-service.js';
import type { InsightsService } from '../memory/insights/insights-service.js';
import type { Degradation } from '../memory/memory-types.js';
import type { RecallService } from '../memory/recall/recall-service.js';
import type { StashesService } from '../memory/stashes/stashes-service.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';

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
