import { setVariables } from '../../config.js';
import { AppError } from '../../errors.js';
import type { AdminAnswer, AdminRequest, AdminRequestName } from '../../mcp/admin/admin-protocol.js';
import type { CommandContext } from './command-context.js';

/** The parameters of a request, when it has any. */
export type Params<Name extends AdminRequestName> =
  AdminRequest<Name> extends { params: infer Given } ? Given : undefined;

export interface AskOptions {
  /** Called while a long request is under way. @param total 0 where it is not known */
  onProgress?: ((message: string, done: number, total: number) => void) | undefined;
  /** Gives the request up; the server ends its work. */
  signal?: AbortSignal | undefined;
}

/** A connection to the server for several requests. */
export interface ServerSession {
  /**
   * Sends one of the command line's requests.
   * @returns the answer, checked and with its dates
   * @throws AppError as the server stated it
   */
  ask<Name extends AdminRequestName>(
    name: Name,
    params: Params<Name>,
    options?: AskOptions,
  ): Promise<AdminAnswer<Name>>;
  close(): Promise<void>;
}

/** Without an answer or a sign of progress a request fails after this long, in ms. */
const SILENCE_MS = 60_000;
/** Some requests tell nothing before their end: correcting all roll-ups is one statement. */
const LONG_SILENCE_MS = 60 * 60_000;
const LONG_REQUESTS: ReadonlySet<AdminRequestName> = new Set(['rollUp', 'undoImport', 'backup']);

/** Connects as a client of `popstash mcp`, which reaches the data in either mode. */
export async function connectToServer(context: CommandContext): Promise<ServerSession> {
  const [{ Client }, { StdioClientTransport }, { adminReply, adminRequests }, { CLI_CLIENT_NAME }, { findPackage }] =
    await Promise.all([
      import('@modelcontextprotocol/sdk/client/index.js'),
      import('@modelcontextprotocol/sdk/client/stdio.js'),
      import('../../mcp/admin/admin-protocol.js'),
      import('../../mcp/admin/cli-client.js'),
      import('../../package-root.js'),
    ]);
  /** Where no server answers, the bridge gives errors of the protocol that bear the facts of one of ours. */
  const rethrowStated = (error: unknown): never => {
    const stated = adminReply.shape.error.safeParse(error instanceof Error && 'data' in error ? error.data : undefined);
    if (stated.data) throw new AppError({ ...stated.data, cause: error });
    throw error;
  };
  const client = new Client({ name: CLI_CLIENT_NAME, version: findPackage().version });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [context.script, 'mcp'],
    env: setVariables(context.env),
    stderr: 'inherit',
  });
  await client.connect(transport).catch(rethrowStated);
  return {
    async ask(name, params, { onProgress, signal } = {}) {
      const { request, answer } = adminRequests[name];
      const options = {
        timeout: LONG_REQUESTS.has(name) ? LONG_SILENCE_MS : SILENCE_MS,
        ...(signal && { signal }),
        ...(onProgress && {
          resetTimeoutOnProgress: true,
          onprogress: ({ message = '', progress = 0, total = 0 }) => onProgress(message, progress, total),
        }),
      };
      const sent = request.parse({ method: request.shape.method.value, params });
      const { error, ...reply } = await client.request(sent, adminReply, options).catch(rethrowStated);
      if (error) throw new AppError(error);
      return answer.parse(reply) as AdminAnswer<typeof name>;
    },
    close: () => client.close(),
  };
}

/**
 * Sends one of the command line's requests over a connection of its own.
 * @throws AppError as the server stated it
 */
export async function askServer<Name extends AdminRequestName>(
  context: CommandContext,
  name: Name,
  ...[params]: Params<Name> extends undefined ? [params?: undefined] : [params: Params<Name>]
): Promise<AdminAnswer<Name>> {
  const session = await connectToServer(context);
  try {
    return await session.ask(name, params as Params<Name>);
  } finally {
    await session.close();
  }
}
