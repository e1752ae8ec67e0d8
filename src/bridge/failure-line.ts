import { type ToolErrorFacts, toolError } from '../mcp/transport/tool-error.js';

/** Why a request gets no answer from a server. */
export interface CallFailure extends ToolErrorFacts {
  /** File that says more. */
  log?: string;
}

/** An error of the server's own, outside of what JSON-RPC defines. */
const SERVER_ERROR = -32_000;

/**
 * The line that answers a request in place of a server: a call of a tool by an error that its model reads, as tools answer
 * themselves; anything else by an error of the protocol.
 * @param id as JSON
 */
export function failureLine(id: string, isCall: boolean, failure: CallFailure): string {
  const answer = isCall
    ? { result: toolError({ ...failure }) }
    : { error: { code: SERVER_ERROR, message: `${failure.message} ${failure.fix}`, data: failure } };
  return `{"jsonrpc":"2.0","id":${id},${JSON.stringify(answer).slice(1)}\n`;
}
