import type { CallToolRequest, CallToolResult, RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { ClientCall } from '../../actor/client-call.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Workplace } from '../../project/resolve-project.js';
import { cutText } from '../../text/clip-text.js';
import type { Tool, ToolContext, ToolServiceName } from '../define-tool.js';
import { pickServices, type Services } from '../services.js';
import { tools } from '../tools/tool-list.js';
import { CANCELLED_META, RESENT_META } from '../transport/resent-meta.js';
import type { AgentPresence } from './agent-presence.js';
import { awaitServices, type ServiceAccess } from './await-services.js';
import type { ConnectionSlots, Slot } from './call-slots.js';
import { callTool, type ExtraFields, errorResult } from './call-tool.js';
import type { CancellableCall, CancelledCalls } from './cancelled-calls.js';
import type { WorkplaceFinder } from './find-workplace.js';
import type { NoticeBox } from './notice-box.js';
import { readPlacings } from './read-placings.js';
import { createProgress, type ProgressChannel } from './report-progress.js';
import { showPlaceNotices } from './show-place-notices.js';
import { type CallOrigin, traceCall } from './trace-call.js';

export interface CallAnswererOptions {
  agentId: string;
  workplace: WorkplaceFinder;
  version: string;
  mode: 'embedded' | 'server';
  access: ServiceAccess;
  presence: AgentPresence;
  notices: NoticeBox;
  cancelled: CancelledCalls;
  /** This connection's share of the process. */
  slots: ConnectionSlots;
  /** When the client may have sent a request, by performance.now(). */
  sentAt: (id: RequestId) => number;
  /** What `initialize` agreed on; undefined before. */
  protocolVersion: () => string | undefined;
  /** What the client says of a call. @param meta its `_meta` */
  clientCall: (meta: Record<string, unknown> | undefined) => ClientCall;
  logger: Logger;
}

/** What the SDK tells of a request besides its parameters, as far as a call needs it. */
export type CallExtra = ProgressChannel & CallOrigin & { signal: AbortSignal };
type CallAnswerer = (params: CallToolRequest['params'], extra: CallExtra) => Promise<CallToolResult>;

/** Answers `tools/call` on one connection: finds the tool, waits for storage, runs it, adds the agent's notices. */
export function createCallAnswerer(options: CallAnswererOptions): CallAnswerer {
  const { access, presence, logger } = options;
  const addNotices = createNoticeFields(options);

  return async (params, extra) => {
    const startedAt = Date.now();
    const tool = tools.find(({ name }) => name === params.name);
    if (!tool) return errorResult(unknownTool(params.name));
    let services: Services;
    try {
      services = await awaitServices(access);
    } catch (error) {
      if (error instanceof AppError) return errorResult(error);
      throw error;
    }
    return traceCall(services.telemetry, { name: tool.name, params, extra, startedAt, ...options }, async () => {
      const call = options.cancelled.open(extra.requestId, extra.signal);
      let isBegun = false;
      const place = {
        sentAt: options.sentAt(extra.requestId),
        signal: call.signal,
        onOverdue: () => options.cancelled.cancel(extra.requestId),
      };
      try {
        return await options.slots.run(place, (slot) => {
          isBegun = true;
          return carryOut({ services, tool, params, extra, call, slot });
        });
      } catch (error) {
        if (!isBegun) await call.done();
        if (error instanceof AppError) return errorResult(error);
        throw error;
      }
    });
  };

  async function carryOut(begun: Pick<BegunCall, 'services' | 'tool' | 'params' | 'extra' | 'call' | 'slot'>) {
    const { services, tool, params, call } = begun;
    try {
      const workplace = readPlacings(await options.workplace.settle(), params._meta);
      const said = options.clientCall(params._meta);
      const subagentSession = said.callId === null ? null : services.guard.findSubagent(options.agentId, said.callId);
      const named = params.arguments?.session_id;
      const choose = () => subagentSession ?? presence.tasks.choose(named);
      const cancelledSinceMs = readCancelled(params._meta?.[CANCELLED_META]);
      const given = { ...begun, workplace, said, subagentSession, cancelledSinceMs };
      const context = createContext(options, given, choose());
      presence.worked(choose());
      const runnable = tool.annotations.readOnlyHint ? tool : awaitingAgent(tool, presence, choose);
      if (cancelledSinceMs === undefined)
        return await callTool(runnable, params.arguments, context, addNotices(given, choose), logger);
      // Its client has cancelled it: the call is made once more for what can be given back of it.
      const args = { ...params.arguments, wait_seconds: 0 };
      if (tool.takesLocks && (await services.sessions.hasDoneSince(options.agentId, cancelledSinceMs)))
        await callTool(runnable, args, context, async () => ({}), logger);
      options.cancelled.cancel(begun.extra.requestId);
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
  { agentId, version, mode, presence, notices }: CallAnswererOptions,
  { workplace, services, tool, params, extra, said, subagentSession, call, slot, cancelledSinceMs }: BegunCall,
  sessionId: string | null,
): ToolContext<ToolServiceName> {
  return {
    actor: { projectId: workplace.id, agentId, sessionId },
    services: pickServices(services, tool.uses),
    workplace,
    mode,
    version,
    resent: params._meta?.[RESENT_META] === true,
    cancelledSinceMs,
    clientCall: said,
    agentName: presence.name,
    signal: call.signal,
    onCancelled: call.onCancelled,
    onQueued: slot.pause,
    async isUnguarded() {
      try {
        return !(await services.guard.isHeard(agentId));
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
function awaitingAgent(tool: Tool, presence: AgentPresence, chooseSession: () => string | null): Tool {
  return {
    ...tool,
    handler: async (args, context) => {
      await presence.register();
      return tool.handler(args, { ...context, actor: { ...context.actor, sessionId: chooseSession() } });
    },
  };
}

/** Adds `notices` to an answer when there are any, whether the call succeeded or failed. */
function createNoticeFields({ presence, notices, workplace }: CallAnswererOptions) {
  const readAt = new Map<string, number>();

  function isDue({ name, readsNoticesEveryMs }: Tool): boolean {
    if (readsNoticesEveryMs === undefined) return false;
    const now = performance.now();
    if (now - (readAt.get(name) ?? Number.NEGATIVE_INFINITY) < readsNoticesEveryMs) return false;
    readAt.set(name, now);
    return true;
  }

  return ({ tool, services, call }: BegunCall, chooseSession: () => string | null): ExtraFields =>
    async (error) => {
      presence.worked(chooseSession());
      // Declared disconnected while it was silent: the next call finds it connected again.
      if (error?.code === 'not_ready') await presence.reregister().catch(() => undefined);
      // A database that did not answer the call is not asked once more.
      if (error?.retryable) return {};
      // Nobody reads the answer to a cancelled call.
      if (call.signal.aborted) return {};
      const taken = await notices.take(services, isDue(tool));
      taken.unshift(...showPlaceNotices(workplace));
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
