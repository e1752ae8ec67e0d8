import type { AdminContext } from './admin-context.js';

/** JSON-RPC's code for a method that a server does not have. */
const METHOD_NOT_FOUND = -32_601;
/** Methods of the command line begin with this. */
const OWN_METHODS = 'popstash/';

/**
 * Answers requests outside MCP's own methods: those of the command line. Their schemas are loaded with the first of them,
 * since every agent would else wait for them when it starts (P4).
 * @throws an error that JSON-RPC answers with "Method not found"
 */
export async function answerOtherRequest(
  request: { method: string },
  context: AdminContext,
): Promise<Record<string, unknown>> {
  if (request.method.startsWith(OWN_METHODS)) {
    const { answerAdminRequest } = await import('./answer-admin-requests.js');
    const answer = await answerAdminRequest(request, context);
    if (answer) return answer;
  }
  throw Object.assign(new Error('Method not found'), { code: METHOD_NOT_FOUND });
}
