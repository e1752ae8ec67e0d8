import type { CallToolRequest, CallToolResult, RequestId } from '@modelcontextprotocol/server';
import type { Carrier, SpanAttributes, Telemetry } from '../../telemetry/telemetry-types.js';

/** What the SDK says of a request's origin. */
export interface CallOrigin {
  requestId: RequestId;
  sessionId?: string | undefined;
  /** The revision of the protocol that the request is in. */
  protocolVersion: string | undefined;
}

export interface TracedCall {
  name: string;
  params: CallToolRequest['params'];
  extra: CallOrigin;
  agentId: string;
  mode: 'embedded' | 'server';
  /** When the request was read, in ms since the epoch: waiting for storage is part of the call. */
  startedAt: number;
}

/** The type of a call's failure by the MCP conventions: the tool answered with an error. */
const TOOL_ERROR = 'tool_error';

/**
 * Runs one `tools/call` in its SERVER span, by the MCP and GenAI conventions of OpenTelemetry (docs/telemetry.md), and
 * measures it. The client's `_meta.traceparent` is the parent when it is valid.
 */
export function traceCall(
  telemetry: Telemetry,
  call: TracedCall,
  work: () => Promise<CallToolResult>,
): Promise<CallToolResult> {
  const { name, params, startedAt } = call;
  const transport = transportOf(call.mode);
  const measure = (errorType?: string) =>
    telemetry.metrics.toolCalled(Date.now() - startedAt, { tool: name, transport, errorType });
  return telemetry.withSpan(
    `tools/call ${name}`,
    describeCall(call, transport),
    async (span) => {
      try {
        const result = await work();
        if (result.isError) span.fail(TOOL_ERROR);
        measure(result.isError ? TOOL_ERROR : undefined);
        return result;
      } catch (error) {
        measure(error instanceof Error ? error.name : 'error');
        throw error;
      }
    },
    { kind: 'server', parent: readParent(params._meta), startedAt },
  );
}

function describeCall({ name, extra, agentId }: TracedCall, transport: string): SpanAttributes {
  return {
    'mcp.method.name': 'tools/call',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'jsonrpc.request.id': String(extra.requestId),
    'mcp.protocol.version': extra.protocolVersion,
    'mcp.session.id': extra.sessionId,
    'network.transport': transport,
    'agent.id': agentId,
  };
}

/** A front speaks over its own stdio. The local server is reached through a socket, which is a named pipe on Windows. */
function transportOf(mode: TracedCall['mode']): 'pipe' | 'unix' {
  return mode === 'embedded' && process.platform !== 'win32' ? 'unix' : 'pipe';
}

/** The trace of the client, as W3C headers in `_meta`. */
function readParent(meta: CallToolRequest['params']['_meta']): Carrier {
  const carrier: Carrier = {};
  for (const header of ['traceparent', 'tracestate']) {
    const value = meta?.[header];
    if (typeof value === 'string') carrier[header] = value;
  }
  return carrier;
}
