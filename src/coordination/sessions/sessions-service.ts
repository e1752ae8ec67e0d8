import { LRUCache } from 'lru-cache';
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
import type { AbandonedTask, AbandonedTasks, Resumer } from './abandoned-tasks.js';
import { type EndInput, type EndSessionDeps, endSession } from './end-session.js';
import { findAbandoned, type ResumedTask, resumeTask } from './resume-task.js';
import type { SessionRepository } from './session-repository.js';
import type { EndedSession } from './session-types.js';
import { undoStart } from './undo-begin.js';

export interface StartInput extends Omit<AcquireRequest, 'origin' | 'task'> {
  task: string;
}

export interface StartOutcome extends AcquireOutcome {
  sessionId: string | null;
  /** Name of the agent's open task that goes on with this call; null when there was none. */
  continued: string | null;
  /** The call came again, and found the task that it had begun. */
  isRepeated: boolean;
  /** What that task got back, if it had ended with an earlier process of the same client's session. */
  resumed: ResumedTask | null;
  redacted: Redactions;
}

export type SessionsService = ReturnType<typeof createSessionsService>;

export interface SessionsServiceDeps {
  repository: SessionRepository;
  abandoned: AbandonedTasks;
  locks: LocksService;
  redactor: Redactor;
  telemetry: Telemetry;
  finishTask: EndSessionDeps['finishTask'];
  links: Pick<TaskLinks, 'taskStarted' | 'taskEnded'>;
}

/** Agents that are remembered as having no earlier task to go on with. */
const MAX_SETTLED = 10_000;

/**
 * A session is a task: it begins with its locks or not at all, and takes them along when it ends. An agent has one task,
 * and each of its subagents: to begin one again is to go on under another name.
 */
export function createSessionsService(deps: SessionsServiceDeps) {
  const { repository, abandoned, locks, redactor, telemetry, links } = deps;
  const settled = new LRUCache<string, true>({ max: MAX_SETTLED });

  /** A task of the agent, or of its client's session, that nobody ended goes on; looked for where there may be one. */
  async function resumeEarlier(actor: Actor, clientSession: string | null): Promise<ResumedTask | null> {
    if (actor.sessionId !== null || settled.has(actor.agentId)) return null;
    const { projectId, agentId } = actor;
    const task = await findAbandoned(abandoned, { projectId, agentId, clientSession });
    if (!task) settled.set(agentId, true);
    return task && (await resumeTask(deps, actor, task));
  }

  return {
    /**
     * Opens a session with its locks, all or nothing: with conflicts there is no session and no lock. The agent's open
     * task goes on instead, renamed, with the files added; with conflicts it stays as it was.
     * @throws AppError `invalid_argument` or `too_large` for the task
     */
    async start(actor: Actor, input: StartInput, options: WriteOptions = {}): Promise<StartOutcome> {
      const clean = createInputCleaner(redactor);
      const task = await clean.text('task', input.task);
      const { clientCall = UNKNOWN_CALL, resent = false } = options;
      const resumed = await resumeEarlier(actor, clientCall.session);
      const sessionId = resumed?.sessionId ?? actor.sessionId ?? newId('sess_');
      const attributes = { 'session.id': sessionId, task: task.slice(0, 300), 'agent.id': actor.agentId };
      return telemetry.withSpan('pop_stash.session.start', attributes, async (span) => {
        const outcome = await locks.acquire({ ...actor, sessionId }, { ...input, origin: 'tool', task });
        const begun = outcome.task;
        span.set({ 'session.started': begun !== null });
        // From now on it has one that may be abandoned.
        if (begun) settled.delete(actor.agentId);
        if (begun?.was === null) links.taskStarted(begun.session, clientCall);
        if (begun) logActivitySpan(telemetry, { ...actor, sessionId: begun.session }, 'task_started');
        // A call that comes again has begun the task that it finds.
        const isAgain = resent && begun?.was === task;
        return {
          ...outcome,
          sessionId: begun?.session ?? null,
          continued: isAgain ? null : (begun?.was ?? null),
          isRepeated: isAgain,
          resumed,
          redacted: clean.redacted(),
        };
      });
    },

    /** Takes back what a start has done whose call was cancelled; see undo-begin.ts. */
    undoStart: (actor: Actor, started: StartOutcome, sinceMs?: number) => undoStart(deps, actor, started, sinceMs),

    /** Whether the agent has begun a task or taken a lock since then, in ms. */
    hasDoneSince: repository.hasDoneSince,

    /** The last task of an agent's client session, if it ended with its process. */
    findAbandoned: (resumer: Resumer) => findAbandoned(abandoned, resumer),

    /** Goes on with such a task: with the locks that are free. Null when it goes on elsewhere. */
    resume: (actor: Actor, task: AbandonedTask): Promise<ResumedTask | null> => resumeTask(deps, actor, task),

    /** Completes a session: its locks are free, the cost is kept with it; see end-session.ts. */
    async end(
      actor: Actor,
      input: EndInput,
      options: WriteOptions = {},
    ): Promise<EndedSession & { redacted: Redactions }> {
      const ended = await endSession(deps, actor, input, options);
      settled.set(actor.agentId, true);
      return ended;
    },

    /** The agent whose task this is, and ids of tasks: see session-repository.ts. */
    findHolder: repository.findHolder,
    listIds: repository.listIds,

    /** The connection's tasks, newest first; of those of subagents only the named one. */
    listActive: (agentId: string, sessionId?: string | null) => repository.listActive(agentId, sessionId),

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
