import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { TaskLinks } from '../../accountability/linking/task-links.js';
import type { Actor } from '../../actor/actor.js';
import { UNKNOWN_CALL } from '../../actor/client-call.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { LIMITS } from '../../config.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { newId } from '../../text/ids.js';
import type { Redactor } from '../../text/redact.js';
import type { AcquireOutcome, AcquireRequest } from '../locks/lock-types.js';
import type { LocksService } from '../locks/locks-service.js';
import { type EndInput, type EndSessionDeps, endSession } from './end-session.js';
import type { SessionRepository } from './session-repository.js';
import type { EndedSession } from './session-types.js';

export interface StartInput extends Omit<AcquireRequest, 'origin' | 'task'> {
  task: string;
}

export type StartOutcome = AcquireOutcome & { sessionId: string | null; redacted: Redactions };

export type SessionsService = ReturnType<typeof createSessionsService>;

export interface SessionsServiceDeps {
  repository: SessionRepository;
  locks: LocksService;
  redactor: Redactor;
  telemetry: Telemetry;
  finishTask: EndSessionDeps['finishTask'];
  links: Pick<TaskLinks, 'taskStarted' | 'taskEnded'>;
}

/** A session is a task: it begins with its locks or not at all, and takes them along when it ends. */
export function createSessionsService(deps: SessionsServiceDeps) {
  const { repository, locks, redactor, telemetry, links } = deps;

  return {
    /**
     * Opens a session with its locks, all or nothing: with conflicts there is no session and no lock.
     * @throws AppError `invalid_argument` or `too_large` for the task
     */
    async start(actor: Actor, input: StartInput, options: WriteOptions = {}): Promise<StartOutcome> {
      const clean = createInputCleaner(redactor);
      const task = await clean.text('task', input.task);
      const already = options.resent ? await repository.findRecentEqual(actor, task) : null;
      const sessionId = already?.id ?? newId('sess_');
      return telemetry.withSpan(
        'pop_stash.session.start',
        { 'session.id': sessionId, task: task.slice(0, 300), 'agent.id': actor.agentId },
        async (span) => {
          const outcome = await locks.acquire(
            { ...actor, sessionId },
            { ...input, origin: 'tool', task: already ? undefined : task },
          );
          const started = outcome.conflicts.length === 0;
          span.set({ 'session.started': started });
          if (started) {
            links.taskStarted(sessionId, options.clientCall ?? UNKNOWN_CALL);
            logActivitySpan(telemetry, { ...actor, sessionId }, 'task_started');
          }
          return { ...outcome, sessionId: started ? sessionId : null, redacted: clean.redacted() };
        },
      );
    },

    /** Completes a session: its locks are free, the cost is kept with it; see end-session.ts. */
    end: (
      actor: Actor,
      input: EndInput,
      options: WriteOptions = {},
    ): Promise<EndedSession & { redacted: Redactions }> => endSession(deps, actor, input, options),

    /** The connection's tasks, newest first; those of subagents are not among them. */
    listActive: (agentId: string) => repository.listActive(agentId),

    /** The session in which a client's subagent works, opened at its first sign. */
    openSubagent: (actor: Actor, subagent: { parentId: string | null; subagent: string; task: string }) =>
      repository.openSubagent(actor, { ...subagent, id: newId('sess_') }),

    /** The subagent has stopped: what it claimed is free. */
    async endSubagent(actor: Actor, sessionId: string): Promise<void> {
      const cost = { tokensIn: null, tokensOut: null, model: null, costUsd: null };
      const ended = await repository.end(actor, { sessionId, summary: 'the subagent has stopped', ...cost });
      if (ended) logActivitySpan(telemetry, { ...actor, sessionId }, 'task_ended');
    },

    /** Who works on what, and who is connected without a task. */
    whoIsWorking: (projectId: string) => repository.listWorking(projectId, LIMITS.deadAfterSeconds),
  };
}
