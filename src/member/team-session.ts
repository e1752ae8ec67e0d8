import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { CLI_CLIENT_NAME } from '../mcp/admin/cli-client.js';
import { RESENT_META } from '../mcp/transport/resent-meta.js';
import { AnswerLostError, exchange, type Message, SessionGoneError } from './exchange.js';
import type { TeamClient } from './team-client.js';

export interface TeamSession {
  /**
   * Sends a message and passes its answers on.
   * @param signal its client waits no longer
   * @throws AppError where no server carries it out in time
   */
  send(message: Message, signal: AbortSignal): Promise<void>;
  /** Ends the session there. Never rejects. */
  close(): Promise<void>;
}

/** A server that is away, or that ends while it works, is tried again for so long, in ms: by an agent, and by a person's command. */
const PATIENCE_MS = { agent: 20_000, command: 3_000 };
const RETRY_MS = 250;
/** The stream of the server's own messages is opened again after this long, in ms. */
const STREAM_RETRY_MS = 500;
const CLOSE_MS = 2_000;

/**
 * One MCP session with the server of a team, whatever process of it answers. A request whose answer is lost is sent again, and
 * says so: tools that write are idempotent on exact repeats. A session that has ended there is begun once more.
 * @param onMessage is given what the server sends
 */
export function createTeamSession(team: TeamClient, onMessage: (message: Message) => void): TeamSession {
  const closing = new AbortController();
  let id: string | null = null;
  let version: string | null = null;
  let initialize: Message | null = null;
  let renewing: Promise<void> | null = null;
  let hasStream = false;

  const headers = () => ({
    ...team.headers,
    ...(id !== null && { 'mcp-session-id': id }),
    ...(version !== null && { 'mcp-protocol-version': version }),
  });

  async function begin(message: Message, tell: (answer: Message) => void): Promise<void> {
    id = null;
    version = null;
    id = await exchange(team.mcpUrl, headers(), message, closing.signal, (answer) => {
      const said = answer.result?.protocolVersion;
      if (typeof said === 'string') version = said;
      tell(answer);
    });
  }

  /** The server has ended the session: it is begun as the client began it. */
  function renew(): Promise<void> {
    const again = async () => {
      if (initialize === null) throw new SessionGoneError();
      await begin(initialize, () => undefined);
      await exchange(team.mcpUrl, headers(), INITIALIZED, closing.signal, onMessage);
    };
    renewing ??= again().finally(() => {
      renewing = null;
    });
    return renewing;
  }

  async function attempt(message: Message, signal: AbortSignal): Promise<void> {
    if (message.method === 'initialize') {
      initialize = message;
      return await begin(message, onMessage);
    }
    await renewing;
    await exchange(team.mcpUrl, headers(), message, AbortSignal.any([closing.signal, signal]), onMessage);
    if (message.method === INITIALIZED.method && !hasStream) void hear();
  }

  /** What the server says of itself; that this is open tells it that the agent lives. */
  async function hear(): Promise<void> {
    hasStream = true;
    while (!closing.signal.aborted) {
      await exchange(team.mcpUrl, headers(), null, closing.signal, onMessage).catch(async (error: unknown) => {
        if (error instanceof SessionGoneError) await renew().catch(() => undefined);
      });
      await sleep(STREAM_RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  return {
    async send(message, signal) {
      const until = performance.now() + PATIENCE_MS[isCommand(initialize ?? message) ? 'command' : 'agent'];
      for (let sent = message; ; ) {
        try {
          return await attempt(sent, signal);
        } catch (error) {
          if (closing.signal.aborted || signal.aborted) return;
          if (performance.now() > until) throw error;
          if (error instanceof AnswerLostError) sent = markResent(message);
          else if (error instanceof SessionGoneError) await renew().catch(() => undefined);
          else if (!(error instanceof AppError) || !error.retryable) throw error;
          await sleep(RETRY_MS);
        }
      }
    },
    async close() {
      const ended = id;
      const last = headers();
      closing.abort();
      if (ended === null) return;
      const signal = AbortSignal.timeout(CLOSE_MS);
      await fetch(team.mcpUrl, { method: 'DELETE', headers: last, signal }).catch(() => undefined);
    },
  };
}

/** Whether the client that begins so is the command line. */
export function isCommand({ method, params }: Message): boolean {
  return method === 'initialize' && (params?.clientInfo as { name?: unknown } | undefined)?.name === CLI_CLIENT_NAME;
}

const INITIALIZED: Message = { jsonrpc: '2.0', method: 'notifications/initialized' };

/** A call that may have been carried out says so. */
function markResent(message: Message): Message {
  if (message.method !== 'tools/call') return message;
  const { params = {} } = message;
  const meta = params._meta as Record<string, unknown> | undefined;
  return { ...message, params: { ...params, _meta: { ...meta, [RESENT_META]: true } } };
}
