import type { CallToolRequest, CallToolResult, Tool } from '@modelcontextprotocol/server';
import type { CallAnswererOptions, CallExtra } from './answer-call.js';

/** `tools/list` and `tools/call` of one connection. */
export interface LateTools {
  /** Loads the tools, so that the first request need not wait for that. */
  load(): void;
  list(): Promise<Tool[]>;
  call(params: CallToolRequest['params'], extra: CallExtra): Promise<CallToolResult>;
}

/**
 * Tools with their schemas are a good part of what a front process loads, and the answer to `initialize` needs none of
 * them: they are loaded behind it. Requests keep their order.
 */
export function createLateTools(options: CallAnswererOptions): LateTools {
  let loading: ReturnType<typeof loadTools> | undefined;

  async function loadTools() {
    const [{ createCallAnswerer }, { listTools }] = await Promise.all([
      import('./answer-call.js'),
      import('../tools/describe-tools.js'),
    ]);
    return { answerCall: createCallAnswerer(options), listTools };
  }

  function loaded(): ReturnType<typeof loadTools> {
    loading ??= loadTools();
    return loading;
  }

  return {
    load: () => void loaded(),
    list: async () => (await loaded()).listTools(),
    call: async (params, extra) => (await loaded()).answerCall(params, extra),
  };
}
