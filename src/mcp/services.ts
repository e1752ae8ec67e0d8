import type { CostsService } from '../accountability/costs/costs-service.js';
import type { TranscriptReader } from '../accountability/reader/reader-types.js';
import type { ReportingService } from '../accountability/reporting/reporting-service.js';
import type { TimelineService } from '../accountability/timeline/timeline-service.js';
import type { LedgerUpkeep } from '../accountability/upkeep/ledger-upkeep.js';
import type { AgentsService } from '../coordination/agents/agents-service.js';
import type { AnnouncementsService } from '../coordination/announcements/announcements-service.js';
import type { LocksService } from '../coordination/locks/locks-service.js';
import type { NoticesService } from '../coordination/notices/notices-service.js';
import type { SessionsService } from '../coordination/sessions/sessions-service.js';
import type { StatusService } from '../coordination/status/status-service.js';
import type { Signals } from '../db/signal-types.js';
import type { GuardService } from '../hooks/policy/guard-service.js';
import type { IdentityService } from '../identity/identity-service.js';
import type { AuthorRepository } from '../memory/authors/author-repository.js';
import type { ContextService } from '../memory/context/context-service.js';
import type { DecisionsService } from '../memory/decisions/decisions-service.js';
import type { EditService } from '../memory/edit/edit-service.js';
import type { FeedbackService } from '../memory/feedback/feedback-service.js';
import type { ForgetService } from '../memory/forget/forget-service.js';
import type { InsightsService } from '../memory/insights/insights-service.js';
import type { Degradation } from '../memory/memory-types.js';
import type { RecallService } from '../memory/recall/recall-service.js';
import type { RecordsService } from '../memory/records/records-service.js';
import type { StashesService } from '../memory/stashes/stashes-service.js';
import type { TransferService } from '../memory/transfer/transfer-service.js';
import type { VersionsService } from '../memory/versions/versions-service.js';
import type { OpenReports } from '../reports/report-types.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';

/** What tools may use. A tool names its services in `uses` (define-tool.ts) and gets no others. */
export interface ToolServices {
  sessions: SessionsService;
  locks: LocksService;
  announcements: AnnouncementsService;
  stashes: StashesService;
  insights: InsightsService;
  decisions: DecisionsService;
  recall: RecallService;
  versions: VersionsService;
  feedback: FeedbackService;
  context: ContextService;
  forget: ForgetService;
  reporting: ReportingService;
  timeline: TimelineService;
  /** Parts that are known to be unavailable now. */
  degraded(): Degradation[];
}

/** What people read and write of memories through the command line. */
export interface RecordServices {
  records: RecordsService;
  edits: EditService;
  authors: AuthorRepository;
  transfer: TransferService;
}

/** What a process that serves agents opens: the tools' services, and those that connections and hooks use. */
export interface Services extends ToolServices, RecordServices {
  agents: AgentsService;
  costs: CostsService;
  upkeep: LedgerUpkeep;
  /** Reads the files of clients of the user whose process this is. */
  transcripts: TranscriptReader;
  notices: NoticesService;
  status: StatusService;
  guard: GuardService;
  /** Which project a place belongs to. */
  identity: IdentityService;
  telemetry: Telemetry;
  /** What other processes announce. */
  signals: Signals;
  /** Null in a front process, which never loads Prisma Client. */
  reports: OpenReports | null;
  /** Copies the store, while it serves, into a folder that is not there yet. Null in a front process. */
  backUp: ((folder: string) => Promise<{ bytes: number }>) | null;
  /** Reads all that is stored, and writes. Null in a front process. @throws what keeps it from that */
  checkStore: (() => Promise<StoreCheck>) | null;
}

/** What was read, and the daily backups that there are. */
export interface StoreCheck {
  tables: number;
  rows: number;
  bytes: number;
  backups: number;
  newestBackup: Date | null;
}

/** A part of `services` with the named members only, so that a tool can't reach the others at run time either. */
export function pickServices<Name extends keyof ToolServices>(
  services: ToolServices,
  names: readonly Name[],
): Pick<ToolServices, Name> {
  return Object.fromEntries(names.map((name) => [name, services[name]])) as Pick<ToolServices, Name>;
}
