import { UNKNOWN_CALL } from '../../actor/client-call.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { Tool, ToolContext, ToolServiceName } from '../define-tool.js';
import { pickServices, type Services } from '../services.js';

/** Who reads a project without being an agent of it. */
export interface Reader {
  services: Services;
  workplace: Workplace;
  mode: 'embedded' | 'server';
  version: string;
  signal: AbortSignal;
}

/** What a tool that only reads is called with where no agent calls it: it answers the same to everybody. */
export function createReaderContext(
  { uses }: Tool,
  { services, workplace, mode, version, signal }: Reader,
): ToolContext<ToolServiceName> {
  const nothing = () => undefined;
  return {
    actor: { projectId: workplace.id, agentId: '', sessionId: null },
    services: pickServices(services, uses),
    ...{ workplace, mode, version, signal, clientCall: UNKNOWN_CALL, resent: false },
    cancelledSinceMs: undefined,
    inputEnded: undefined,
    isOurs: () => false,
    agentName: nothing,
    onCancelled: nothing,
    onQueued: () => nothing,
    isUnguarded: () => Promise.resolve(false),
    subagentSession: null,
    sessionStarted: nothing,
    sessionEnded: nothing,
    wantsProgress: false,
    progress: nothing,
    given: nothing,
    recorded: nothing,
  };
}

/** What a tool that only reads answers. @throws AppError as the tool does */
export async function readWith(
  tool: Tool,
  args: Record<string, unknown>,
  reader: Reader,
): Promise<Record<string, unknown>> {
  return await tool.handler(tool.input.parse(args), createReaderContext(tool, reader));
}
