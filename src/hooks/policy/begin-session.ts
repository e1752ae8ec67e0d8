import { setTimeout as sleep } from 'node:timers/promises';
import type { AbandonedTask } from '../../coordination/sessions/abandoned-tasks.js';
import type { ResumedTask } from '../../coordination/sessions/resume-task.js';
import type { WorkingAgent } from '../../coordination/sessions/session-types.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { fitSections } from '../../text/fit-sections.js';
import { OTHERS_WORDS, quoteName } from '../../text/quote-text.js';
import {
  describeDecisions,
  describeOffer,
  describeOthers,
  describeOwn,
  describeResumed,
  describeStash,
} from './describe-session.js';
import { type GuardDeps, type HookContext, tell } from './guard-types.js';

/** Tokens of all that is told, estimated (src/text/estimate-tokens.ts). */
const MAX_TOKENS = 600;
/** A client runs this hook while it starts its servers: an agent whose task could go on is awaited this long, in ms. */
const AGENT_MS = 2_500;
const LOOK_MS = 100;

/** Characters of the agent's own name. */
const MAX_NAME = 40;
const INTRODUCTION = 'PopStash keeps the memory of this project and keeps its agents apart.';
const INSTRUCTION =
  'Call start_task with what you are about to do and the files you will edit: it locks them and returns what is known of ' +
  'the task. Edits of files that another agent holds are refused. Call end_task when you are done.';

/**
 * What an agent should know when a session of its client begins, is cleared, compacted or resumed: its own task and locks,
 * the newest stash, decisions that bind it, who else works. A task that ended with the process before goes on.
 * @param reopen looks once more for the agent that the hook acts for
 */
export async function beginSession(
  deps: GuardDeps,
  first: HookContext,
  reopen: () => Promise<HookContext>,
): Promise<HookVerdict> {
  const { context, resumed, offer } = await resume(deps, first, reopen);
  const { projectId, worktree, agent } = context;
  const { active, now } = await deps.sessions.whoIsWorking(projectId);
  const own = active.filter(({ agentId }) => agentId === agent?.id);
  const sessionId = resumed?.sessionId ?? context.actor?.sessionId ?? null;
  const task = own.find((each) => each.sessionId === sessionId && sessionId !== null)?.task ?? offer?.task ?? null;
  const memory = await deps.readMemory({ projectId, worktree, sessionId: sessionId ?? offer?.id ?? null, task });
  const others: WorkingAgent[] = active.filter(({ agentId }) => agentId !== agent?.id);
  const text = fitSections(MAX_TOKENS, {
    always: [
      agent ? `${INTRODUCTION} Others know you here as ${quoteName(agent.name, MAX_NAME)}.` : INTRODUCTION,
      OTHERS_WORDS,
      ...(resumed ? describeResumed(resumed) : describeOwn(own, sessionId, now)),
      ...(offer ? [describeOffer(offer)] : []),
      INSTRUCTION,
    ],
    sections: [describeStash(memory), describeOthers(others, now), describeDecisions(memory)],
  });
  return tell(text);
}

interface Begun {
  context: HookContext;
  resumed: ResumedTask | null;
  /** The task could go on, but its agent is not connected yet. */
  offer: AbandonedTask | null;
}

/** Goes on with the task that the client's session had when its process ended; see docs/decisions/tasks-go-on.md. */
async function resume(deps: GuardDeps, first: HookContext, reopen: () => Promise<HookContext>): Promise<Begun> {
  const none = { context: first, resumed: null, offer: null };
  const { request, projectId, agent } = first;
  if (agent?.sessions.some(({ subagent }) => subagent === null)) return none;
  const clientSession = request.session ?? null;
  const task = await deps.sessions.findAbandoned({ projectId, agentId: agent?.id ?? null, clientSession });
  if (!task) return none;
  let context = first;
  for (const until = performance.now() + AGENT_MS; !context.actor && performance.now() < until; ) {
    await sleep(LOOK_MS);
    context = await reopen();
  }
  if (!context.actor) return { context, resumed: null, offer: task };
  return { context, resumed: await deps.sessions.resume(context.actor, task), offer: null };
}
