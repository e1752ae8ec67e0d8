import { setVariables } from '../config.js';
import { AppError } from '../errors.js';
import type { AdminAnswer, AdminRequest, AdminRequestName } from '../mcp/admin/admin-protocol.js';
import type { CommandContext } from './command-context.js';

/** The parameters of a request, when it has any. */
type Params<Name extends AdminRequestName> =
  AdminRequest<Name> extends { params: infer Given } ? [params: Given] : [params?: undefined];

/**
 * Sends one of the command line's requests as a client of `popstash mcp`, which reaches the data in either mode.
 * @returns the answer, checked and with its dates
 * @throws AppError as the server stated it
 */
export async function askServer<Name extends AdminRequestName>(
  context: CommandContext,
  name: Name,
  ...[params]: Params<Name>
): Promise<AdminAnswer<Name>> {
  const [{ Client }, { StdioClientTransport }, { adminReply, adminRequests }, { CLI_CLIENT_NAME }, { findPackage }] =
    await Promise.all([
      import('@modelcontextprotocol/sdk/client/index.js'),
      import('@modelcontextprotocol/sdk/client/stdio.js'),
      import('../mcp/admin/admin-protocol.js'),
      import('../mcp/admin/cli-client.js'),
      import('../package-root.js'),
    ]);
  const client = new Client({ name: CLI_CLIENT_NAME, version: findPackage().version });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [context.script, 'mcp'],
    env: setVariables(context.env),
    stderr: 'inherit',
  });
  const { request, answer } = adminRequests[name];
  await client.connect(transport);
  try {
    const { error, ...reply } = await client.request(
      request.parse({ method: request.shape.method.value, params }),
      adminReply,
    );
    if (error) throw new AppError(error);
    return answer.parse(reply) as AdminAnswer<Name>;
  } finally {
    await client.close();
  }
}
