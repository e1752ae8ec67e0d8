import type { Project } from '../../project/resolve-project.js';
import type { LiveLock, LockWaiter } from '../locks/lock-types.js';
import type { LocksService } from '../locks/locks-service.js';
import type { IdleAgent, WorkingAgent } from '../sessions/session-types.js';
import type { SessionsService } from '../sessions/sessions-service.js';
import type { ProjectStatus, StatusRepository } from './status-repository.js';

/** A project at a glance, as people ask for it. */
export interface ProjectOverview {
  status: ProjectStatus;
  locks: LiveLock[];
  waiters: LockWaiter[];
  active: WorkingAgent[];
  idle: IdleAgent[];
  /** The database's clock, to count ages from. */
  now: Date;
}

export type StatusService = ReturnType<typeof createStatusService>;

export function createStatusService(deps: {
  repository: StatusRepository;
  locks: Pick<LocksService, 'list'>;
  sessions: Pick<SessionsService, 'whoIsWorking'>;
}) {
  const { repository, locks, sessions } = deps;
  return {
    /** Counts of memories, agents with their tasks, locks and the lock queue of one project. */
    async overview(project: Project): Promise<ProjectOverview> {
      const [status, board, agents] = await Promise.all([
        repository.read(project),
        locks.list(project.id),
        sessions.whoIsWorking(project.id),
      ]);
      return { status, ...board, ...agents };
    },
  };
}
