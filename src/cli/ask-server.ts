import { setVariables } from '../config.js';
import { AppError } from '../errors.js';
import type { CommandContext } from './command-context.js';

/**
 * Sends one of the command line's requests as a client of `popstash mcp`, which reaches the data in either mode.
 * @throws AppError as the server stated it
 */
export async function askServer(
  context: CommandContext,
  request: { method: string; params?: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  const [{ Client }, { StdioClientTransport }, { adminResult, CLI_CLIENT_NAME }, { findPackage }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/stdio.js'),
    import('../mcp/admin/admin-requests.js'),
    import('../package-root.js'),
  ]);
  const client = new Client({ name: CLI_CLIENT_NAME, version: findPackage().version });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [context.script, 'mcp'],
    env: setVariables(context.env),
    stderr: 'inherit',
  });
  await client.connect(transport);
  try {
    const { error, ...answer } = await client.request(request, adminResult);
    if (error) throw new AppError({ code: error.code as AppError['code'], message: error.message, fix: error.fix });
    return answer;
  } finally {
    await client.close();
  }
}
