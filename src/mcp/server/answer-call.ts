import type { CallToolRequest, CallToolResult, RequestId } from '@modelcontextprotocol/server';
import type { ClientCall } from '../../actor/client-call.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Workplace } from '../../project/resolve-project.js';
import { cutText } from '../../text/clip-text.js';
import type { Tool, ToolContext, ToolServiceName } from '../define-tool.js';
import { readPlacings } from '../schemas/read-placings.js';
import { pickServices, type Services } from '../services.js';
import { tools } from '../tools/tool-list.js';
import { CANCELLED_META, RESENT_META } from '../transport/resent-meta.js';
import { awaitServices, type ServiceAccess } from './await-services.js';
import type { ConnectionSlots, Slot } from './call-slots.js';
import { callTool, type ExtraFields, errorResult } from './call-tool.js';
import type { Callers, CallFacts, ClientFacts } from './callers.js';
import type { CancellableCall, CancelledCalls } from './cancelled-calls.js';
import type { WorkplaceFinder } from './find-workplace.js';
import type { Caller } from './open-caller.js';
import { createProgress, type ProgressChannel } from './report-progress.js';
import { showPlaceNotices } from './show-place-notices.js';
import { type CallOrigin, traceCall } from './trace-call.js';

export interface CallAnswererOptions {
  workplace: WorkplaceFinder;
  version: string;
  mode: 'embedded' | 'server';
  access: ServiceAccess;
  callers: Callers;
  cancelled: CancelledCalls;
  /** Whether all requests are one client's, so that their ids differ. */
  hasOwnIds: boolean;
  /** This connection's share of the process. */
  slots: ConnectionSlots;
  /** When the client may have sent a request, by performance.now(). */
  sentAt: (id: RequestId) => number;
  /** Aborted when the client sends nothing more. */
  inputEnded: () => AbortSignal | undefined;
  /** What the client says of a call. @param name of the client @param meta the call's `_meta` */
  clientCall: (name: string, meta: Record<string, unknown> | undefined) => ClientCall;
  /** Texts of ours with the commands in them as they work for those who read them. */
  word(text: string): string;
  logger: Logger;
}

/** What the SDK tells of a request besides its parameters, as far as a call needs it. */
export type CallExtra = ProgressChannel & CallOrigin & { signal: AbortSignal; client: ClientFacts };
type CallAnswerer = (params: CallToolRequest['params'], extra: CallExtra) => Promise<CallToolResult>;

/** Answers `tools/call` on one connection: finds the tool and who calls, waits for storage, runs it, adds the agent's notices. */
export function createCallAnswerer(options: CallAnswererOptions): CallAnswerer {
  const { access, callers, word, logger } = options;
  const addNotices = createNoticeFields(options);

  return async (params, extra) => {
    const startedAt = Date.now();
    const tool = tools.find(({ name }) => name === params.name);
    if (!tool) return errorResult(unknownTool(params.name), word);
    const said = options.clientCall(extra.client.name, params._meta);
    const facts = {
      tool,
      args: params.arguments,
      requestId: extra.requestId,
      callId: said.callId,
      client: extra.client,
      isResent: params._meta?.[RESENT_META] === true,
    };
    let services: Services;
    let caller: Caller;
    try {
      services = await awaitServices(access);
      caller = await findCaller(facts, services);
    } catch (error) {
      if (error instanceof AppError) return errorResult(error, word);
      throw error;
    }
    const { agentId } = caller;
    return traceCall(
      services.telemetry,
      { name: tool.name, params, extra, startedAt, agentId, ...options },
      async () => {
        const call = options.cancelled.open(options.hasOwnIds ? extra.requestId : null, extra.signal);
        let isBegun = false;
        const place = {
          sentAt: options.sentAt(extra.requestId),
          signal: call.signal,
          onOverdue: call.cancel,
        };
        try {
          return await options.slots.run(place, (slot) => {
            isBegun = true;
            return carryOut({ services, caller, said, tool, params, extra, call, slot });
          });
        } catch (error) {
          if (!isBegun) await call.done();
          if (error instanceof AppError) return errorResult(error, word);
          throw error;
        } finally {
          callers.answered(facts, caller);
        }
      },
    );
  };

  async function findCaller(facts: CallFacts, services: Services): Promise<Caller> {
    try {
      if (callers.needsProject) await options.workplace.settle();
      return await callers.find(facts, services);
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  async function carryOut(begun: Omit<BegunCall, 'workplace' | 'subagentSession' | 'cancelledSinceMs'>) {
    const { services, caller, said, tool, params, call } = begun;
    const { presence } = caller;
    try {
      const workplace = readPlacings(await options.workplace.settle(), params._meta);
      const subagentSession = said.callId === null ? null : services.guard.findSubagent(caller.agentId, said.callId);
      const named = params.arguments?.session_id;
      const choose = () => subagentSession ?? presence.tasks.choose(named);
      const cancelledSinceMs = readCancelled(params._meta?.[CANCELLED_META]);
      const given = { ...begun, workplace, subagentSession, cancelledSinceMs };
      const context = createContext(options, given, choose());
      presence.worked(choose());
      const runnable = tool.annotations.readOnlyHint ? tool : awaitingAgent(tool, presence, choose);
      if (cancelledSinceMs === undefined)
        return await callTool(runnable, params.arguments, context, addNotices(given, choose), { word, logger });
      // Its client has cancelled it: the call is made once more for what can be given back of it.
      const args = { ...params.arguments, wait_seconds: 0 };
      if (tool.takesLocks && (await services.sessions.hasDoneSince(caller.agentId, cancelledSinceMs)))
        await callTool(runnable, args, context, async () => ({}), { word, logger });
      call.cancel();
      return { content: [] };
    } finally {
      // Not before: a call that waits in the queue has nothing to renew yet.
      if (tool.takesLocks) presence.mayHold();
      await call.done();
    }
  }
}

/** What is known of a call when it begins. */
interface BegunCall {
  workplace: Workplace;
  services: Services;
  caller: Caller;
  tool: Tool;
  params: CallToolRequest['params'];
  extra: CallExtra;
  said: ClientCall;
  subagentSession: string | null;
  call: CancellableCall;
  slot: Slot;
  cancelledSinceMs: number | undefined;
}

/** When the cancelled call was first sent, in ms since 1970. */
function readCancelled(sentAt: unknown): number | undefined {
  return typeof sentAt === 'number' ? sentAt : undefined;
}

function createContext(
  { version, mode, callers, inputEnded }: CallAnswererOptions,
  { workplace, services, caller, tool, params, extra, said, subagentSession, call, slot, cancelledSinceMs }: BegunCall,
  sessionId: string | null,
): ToolContext<ToolServiceName> {
  const { agentId, presence, notices } = caller;
  return {
    actor: { projectId: workplace.id, agentId, sessionId },
    services: pickServices(services, tool.uses),
    workplace,
    mode,
    version,
    resent: params._meta?.[RESENT_META] === true,
    cancelledSinceMs,
    clientCall: said,
    isOurs: callers.isKnown,
    agentName: presence.name,
    signal: call.signal,
    inputEnded: inputEnded(),
    onCancelled: call.onCancelled,
    onQueued: slot.pause,
    async isUnguarded() {
      try {
        return !(await services.guard.isHeard(agentId, said.session));
      } catch {
        return false;
      }
    },
    subagentSession,
    sessionStarted(id) {
      if (id !== subagentSession) presence.tasks.started(id);
      presence.mayHold();
    },
    sessionEnded: presence.tasks.ended,
    given: notices.given,
    recorded: notices.recorded,
    wantsProgress: extra._meta?.progressToken !== undefined,
    progress: createProgress(extra),
  };
}

/** Tools that write wait for the agent's row; it is there after the first call, so later ones do not wait. */
function awaitingAgent(tool: Tool, presence: Caller['presence'], chooseSession: () => string | null): Tool {
  return {
    ...tool,
    handler: async (args, context) => {
      await presence.register();
      return tool.handler(args, { ...context, actor: { ...context.actor, sessionId: chooseSession() } });
    },
  };
}

/** Adds `notices` to an answer when there are any, whether the call succeeded or failed. */
function createNoticeFields({ workplace, word }: CallAnswererOptions) {
  const readAt = new WeakMap<Caller, Map<string, number>>();

  function isDue(caller: Caller, { name, readsNoticesEveryMs }: Tool): boolean {
    if (readsNoticesEveryMs === undefined) return false;
    const now = performance.now();
    const times = readAt.get(caller) ?? new Map<string, number>();
    if (now - (times.get(name) ?? Number.NEGATIVE_INFINITY) < readsNoticesEveryMs) return false;
    readAt.set(caller, times.set(name, now));
    return true;
  }

  return ({ tool, services, caller, call }: BegunCall, chooseSession: () => string | null): ExtraFields =>
    async (error) => {
      const { presence, notices } = caller;
      presence.worked(chooseSession());
      // Declared disconnected while it was silent: the next call finds it connected again.
      if (error?.code === 'not_ready') await presence.reregister().catch(() => undefined);
      // A database that did not answer the call is not asked once more.
      if (error?.retryable) return {};
      // Nobody reads the answer to a cancelled call.
      if (call.signal.aborted) return {};
      const taken = await notices.take(services, isDue(caller, tool));
      taken.unshift(...showPlaceNotices(workplace, word));
      return taken.length > 0 ? { notices: taken } : {};
    };
}

function unknownTool(name: string): AppError {
  return new AppError({
    code: 'not_found',
    message: `There is no tool "${cutText(name, 60)}".`,
    fix: `Tools: ${tools.map((tool) => tool.name).join(', ')}.`,
  });
}
