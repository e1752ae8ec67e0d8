import type { Pool } from 'pg';
import type { TaskLinks } from '../accountability/linking/task-links.js';
import type { LivePriceBook } from '../accountability/prices/open-prices.js';
import type { ReadOrder, TranscriptReader } from '../accountability/reader/reader-types.js';
import { createReportingService } from '../accountability/reporting/reporting-service.js';
import { createAgentRepository } from '../coordination/agents/agent-repository.js';
import { createAgentsService } from '../coordination/agents/agents-service.js';
import { createAnnouncementRepository } from '../coordination/announcements/announcement-repository.js';
import { createAnnouncementsService } from '../coordination/announcements/announcements-service.js';
import { createLockRepository } from '../coordination/locks/lock-repository.js';
import { createLocksService } from '../coordination/locks/locks-service.js';
import { createNoticeRepository } from '../coordination/notices/notice-repository.js';
import { createNoticesService } from '../coordination/notices/notices-service.js';
import { createAbandonedTasks } from '../coordination/sessions/abandoned-tasks.js';
import { createSessionRepository } from '../coordination/sessions/session-repository.js';
import { createSessionsService } from '../coordination/sessions/sessions-service.js';
import { createStatusRepository } from '../coordination/status/status-repository.js';
import { createStatusService } from '../coordination/status/status-service.js';
import type { LivenessLock } from '../db/hold-liveness-lock.js';
import type { Signals } from '../db/signal-types.js';
import { FORMER_MODELS } from '../embedding/embedding-types.js';
import { createHeardAgents } from '../hooks/identify/heard-agents.js';
import { createCommandRepository } from '../hooks/policy/command-repository.js';
import { createCommitRepository } from '../hooks/policy/commit-repository.js';
import { createGuardRepository } from '../hooks/policy/guard-repository.js';
import { createGuardService } from '../hooks/policy/guard-service.js';
import { createIdentityService } from '../identity/identity-service.js';
import type { JobProducer } from '../jobs/job-list.js';
import type { Services } from '../mcp/services.js';
import { createOrigins } from '../memory/origins/create-origins.js';
import type { Search } from '../memory/search/search-types.js';
import type { ProjectIdentities } from '../project/project-identities.js';
import type { OpenReports } from '../reports/report-types.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import { createRedactor } from '../text/redact.js';
import { createLedgerServices } from './create-ledger-services.js';
import { createMemoryServices } from './create-memory-services.js';
import { createRecordServices } from './create-record-services.js';
import { listReadOrders } from './reader/list-read-orders.js';

export interface ServiceParts {
  pool: Pool;
  producer: JobProducer;
  search: Search;
  telemetry: Telemetry;
  signals: Signals;
  /** Where one agent is the whole process. */
  livenessLock?: LivenessLock;
  lockLifeSeconds: number;
  identities: ProjectIdentities;
  /** In server mode the clones of a team are one project. */
  isShared: boolean;
  book: LivePriceBook;
  links: TaskLinks;
  /** POPSTASH_TIMEZONE. */
  timezone?: string | undefined;
  transcripts: TranscriptReader;
  /** Has usage read in the background, by the process of this user that does so. */
  orderReading(order: ReadOrder): void;
  /** Texts with the commands in them as they work for those who read them. */
  word(text: string): string;
  /** Where the command line asks this process for reports. */
  reports?: OpenReports;
  /** Where this process owns the database's files. */
  backUp?: Services['backUp'];
  checkStore?: Services['checkStore'];
}

/** Composes the domain from its clients; the same in a front process, the embedded server and the evaluation. */
export function createServices(parts: ServiceParts): Services {
  const { pool, producer, search, telemetry, signals, lockLifeSeconds, links, orderReading } = parts;
  const redactor = createRedactor();
  const { notes, labels } = createOrigins(pool);
  const write = {
    enqueueEmbedding: (passageIds: readonly string[]) => {
      // A memory that was saved before, or that has no words, has none.
      if (passageIds.length > 0) producer.enqueue('embedding', { passageIds: [...passageIds] });
    },
    notes,
    redactor,
    telemetry,
  };
  const locks = createLocksService({
    repository: createLockRepository(pool),
    signals,
    telemetry,
    lifeSeconds: lockLifeSeconds,
    onGranted: (projectId, lockId, ms) => producer.enqueue('lock-expiry', { projectId, lockId }, ms),
  });
  const agents = createAgentsService({
    repository: createAgentRepository(pool),
    telemetry,
    livenessLock: parts.livenessLock,
    links,
    // The last that its client writes; not every client has hooks.
    onDisconnected: () => orderReading({}),
  });
  const ledger = createLedgerServices(parts);
  const reporting = createReportingService({
    pool,
    book: parts.book,
    costs: ledger.costs,
    redactor,
    metrics: telemetry.metrics,
    onReported: () => {
      producer.enqueue('cost-rollup', {});
      orderReading({});
    },
  });
  const sessions = createSessionsService({
    repository: createSessionRepository(pool),
    abandoned: createAbandonedTasks(pool),
    locks,
    redactor,
    telemetry,
    links,
    async finishTask(actor, figures, clientCall) {
      orderReading({});
      return await reporting.finishTask(actor, figures, clientCall);
    },
  });
  const { readMemory, ...memory } = createMemoryServices({ ...write, pool, search, sessions, labels });
  const notices = createNoticesService({ repository: createNoticeRepository(pool) });
  const guard = createGuard(pool, {
    locks,
    sessions,
    agents,
    redactor,
    notices,
    readMemory,
    sessionKnown: links.sessionKnown,
    identities: parts.identities,
    word: parts.word,
  });
  return {
    agents,
    sessions,
    locks,
    announcements: createAnnouncementsService({ repository: createAnnouncementRepository(pool), redactor, telemetry }),
    notices,
    ...memory,
    reporting,
    ...ledger,
    status: createStatusService({ repository: createStatusRepository(pool, FORMER_MODELS), locks, sessions }),
    guard: {
      isHeard: guard.isHeard,
      findCaller: guard.findCaller,
      findMemberCaller: guard.findMemberCaller,
      findSubagent: guard.findSubagent,
      answerMember: guard.answerMember,
      async answer(request) {
        if (request.event !== 'status-line') for (const order of listReadOrders(request)) orderReading(order);
        return await guard.answer(request);
      },
    },
    identity: createIdentityService(parts),
    ...createRecordServices(parts, write, memory.decisions, labels),
    telemetry,
    signals,
    degraded: () => (producer.isUp() ? [] : ['jobs']),
  };
}

function createGuard(
  pool: Pool,
  parts: Omit<Parameters<typeof createGuardService>[0], 'repository' | 'commands' | 'commits' | 'heard'>,
) {
  return createGuardService({
    ...parts,
    repository: createGuardRepository(pool),
    commands: createCommandRepository(pool),
    commits: createCommitRepository(pool),
    heard: createHeardAgents(pool),
  });
}
