import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { TaskLinks } from '../../accountability/linking/task-links.js';
import type { Actor } from '../../actor/actor.js';
import { type ClientCall, UNKNOWN_CALL } from '../../actor/client-call.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { AppError } from '../../errors.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { clipText } from '../../text/clip-text.js';
import { quoteText } from '../../text/quote-text.js';
import type { Redactor } from '../../text/redact.js';
import type { SessionRepository } from './session-repository.js';
import type { EndedSession } from './session-types.js';

/** Open tasks that an error lists, and characters of each. */
const MAX_LISTED = 10;
const MAX_TASK = 60;

export interface EndInput {
  summary: string;
  tokensIn?: number | undefined;
  tokensOut?: number | undefined;
  model?: string | undefined;
  /** Needed when the connection has several active sessions. */
  sessionId?: string | undefined;
}

/** What the agent says that its task used. */
export interface TaskFigures {
  tokensIn: number;
  tokensOut: number;
  model?: string | undefined;
}

export interface EndSessionDeps {
  /** What a task that ends has cost by what is known, these figures included: US dollars, null if unknown. */
  finishTask(
    actor: Actor & { sessionId: string },
    figures: TaskFigures | null,
    clientCall: ClientCall,
  ): Promise<number | null>;
  repository: Pick<SessionRepository, 'listActive' | 'findEnded' | 'end'>;
  redactor: Redactor;
  links: Pick<TaskLinks, 'taskEnded'>;
  telemetry: Telemetry;
}

/**
 * Completes a session: its locks are free, the cost is kept with it.
 * @throws AppError `not_found` when no session is active, `conflict` when several are and none was named
 */
export async function endSession(
  { repository, redactor, telemetry, finishTask, links }: EndSessionDeps,
  actor: Actor,
  input: EndInput,
  { resent = false, clientCall = UNKNOWN_CALL }: WriteOptions,
): Promise<EndedSession & { redacted: Redactions }> {
  const clean = createInputCleaner(redactor);
  const summary = await clean.text('summary', input.summary);
  const model = input.model === undefined ? null : await clean.label('model', input.model);
  const already = resent ? await repository.findEnded(actor, summary) : null;
  if (already) return { ...already, redacted: clean.redacted() };
  const sessionId = await chooseActive(repository, actor, input.sessionId);
  const attributes = { 'session.id': sessionId, status: 'completed', 'agent.id': actor.agentId };
  return telemetry.withSpan('pop_stash.session.end', attributes, async (span) => {
    // First, so that the task's row and its activity have the cost. A call that fails after it reports the same again.
    const costUsd = await finishTask({ ...actor, sessionId }, toFigures(input), clientCall);
    const ended = await repository.end(actor, {
      sessionId,
      summary,
      tokensIn: input.tokensIn ?? null,
      tokensOut: input.tokensOut ?? null,
      model,
      costUsd,
    });
    if (!ended) throw hasJustEnded(sessionId);
    links.taskEnded(sessionId, clientCall);
    span.set({ cost_usd: ended.costUsd });
    for (const lock of ended.locks) {
      const released = { 'lock.id': lock.id, 'lock.pattern': lock.pattern, 'agent.id': actor.agentId };
      telemetry.record('pop_stash.lock.release', released);
      telemetry.metrics.lockEnded(lock.id, 'release');
    }
    logActivitySpan(telemetry, { ...actor, sessionId }, 'task_ended');
    return { ...ended, redacted: clean.redacted() };
  });
}

/** Null if the agent names no tokens. */
function toFigures({ tokensIn, tokensOut, model }: EndInput): TaskFigures | null {
  if (tokensIn === undefined && tokensOut === undefined) return null;
  return { tokensIn: tokensIn ?? 0, tokensOut: tokensOut ?? 0, model };
}

/** The session that a call means. */
async function chooseActive(
  repository: Pick<SessionRepository, 'listActive'>,
  actor: Actor,
  sessionId: string | undefined,
): Promise<string> {
  const active = await repository.listActive(actor.agentId, sessionId);
  const chosen = sessionId === undefined ? active : active.filter(({ id }) => id === sessionId);
  const [only, ...others] = chosen;
  if (only && others.length === 0) return only.id;
  const listed = active
    .slice(0, MAX_LISTED)
    .map(({ id, task }) => `${id} (${quoteText(task, MAX_TASK)})`)
    .join(', ');
  if (only) {
    throw new AppError({
      code: 'conflict',
      message: `This connection has ${chosen.length} active tasks: ${listed}.`,
      fix: 'Pass session_id to say which one you mean.',
    });
  }
  throw new AppError({
    code: 'not_found',
    message:
      sessionId === undefined
        ? 'No task is active on this connection.'
        : `${clipText(sessionId, 60)} is no active task of this connection.`,
    fix: active.length > 0 ? `Active: ${listed}.` : 'Call start_task when you begin the next task.',
  });
}

function hasJustEnded(sessionId: string): AppError {
  return new AppError({
    code: 'not_found',
    message: `${sessionId} has just ended.`,
    fix: 'Call start_task when you begin the next task.',
  });
}
