import type { TeamConfig } from '../config.js';
import { AppError } from '../errors.js';
import type { WatchOrder } from '../hooks/policy/guard-types.js';
import { type HookAsk, type SettleRequest, watchOrder } from '../http/member-protocol.js';
import { type UsageOutcome, type UsageReport, usageOutcome } from '../http/usage-protocol.js';
import { decodeFromServer, type HookVerdict } from '../ipc/control-protocol.js';

export interface TeamClient {
  /** Headers of every request. */
  headers: Record<string, string>;
  /** Without a slash at the end. */
  url: string;
  mcpUrl: string;
  /** The project of a place of this machine. @throws AppError */
  settle(request: SettleRequest, signal?: AbortSignal): Promise<string>;
  /** The verdict on what a hook reports, and what to watch until its command has ended. @throws AppError */
  ask(ask: HookAsk, timeoutMs: number): Promise<{ verdict: HookVerdict; watch: WatchOrder | null }>;
  /** Records usage in the team's ledger. @throws AppError */
  recordUsage(report: UsageReport): Promise<UsageOutcome>;
}

/** A batch of usage may wait for those of other members, in ms. */
const USAGE_MS = 60_000;

/** What a process on a member's machine asks the server of its team, besides MCP. */
export function createTeamClient({ url, token }: TeamConfig, version: string): TeamClient {
  if (token === undefined) throw noToken(url);
  const headers = { authorization: `Bearer ${token}`, 'user-agent': `popstash/${version}` };

  async function post(path: string, body: object, signal?: AbortSignal): Promise<string> {
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'error',
        ...(signal && { signal }),
      });
    } catch (error) {
      throw isAway(url, error);
    }
    const text = await response.text();
    if (!response.ok) throw describeRefusal(url, response.status, text);
    return text;
  }

  return {
    headers,
    url,
    mcpUrl: `${url}/mcp`,
    async settle(request, signal) {
      const { id } = JSON.parse(await post('/member/settle', request, signal)) as { id: string };
      return id;
    },
    async ask(ask, timeoutMs) {
      const text = await post('/member/hook', ask, AbortSignal.timeout(Math.max(Math.round(timeoutMs), 1)));
      const verdict = decodeFromServer(Buffer.from(text));
      if (verdict?.popstash !== 'verdict') throw isAway(url, new Error('it gave no verdict'));
      const { watch } = JSON.parse(text) as { watch?: unknown };
      return { verdict, watch: watchOrder.safeParse(watch).data ?? null };
    },
    async recordUsage(report) {
      const text = await post('/member/usage', report, AbortSignal.timeout(USAGE_MS));
      const outcome = usageOutcome.safeParse(JSON.parse(text));
      if (!outcome.success) throw isAway(url, new Error('its answer can not be read'));
      return outcome.data;
    },
  };
}

function noToken(url: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `POPSTASH_TOKEN is not set: ${url} answers members only.`,
    fix: "Ask who runs the team's server for a token (popstash tokens create NAME), and set POPSTASH_TOKEN.",
  });
}

export function isAway(url: string, error: unknown): AppError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new AppError({
    code: 'not_ready',
    message: `The team's server ${url} can't be reached: ${cause instanceof Error ? cause.message : cause}`,
    fix: 'Call again; if it stays so, ask the user whether the server runs and POPSTASH_URL is right.',
    retryable: true,
    cause: error,
  });
}

/** @param text body of the answer */
export function describeRefusal(url: string, status: number, text: string): AppError {
  if (status === 401) {
    return new AppError({
      code: 'invalid_argument',
      message: `The team's server ${url} does not know this token: it was revoked, has expired, or was copied wrongly.`,
      fix: 'Ask the user to get another one (popstash tokens create NAME, where the server runs) and to set POPSTASH_TOKEN.',
    });
  }
  const said = readError(text);
  return new AppError({
    code: 'not_ready',
    message: `The team's server ${url} answered ${status}${said.error ? `: ${said.error}` : ''}`,
    fix: said.fix ?? 'Call again; if it stays so, ask the user to look at the log of the server.',
    retryable: status === 429 || status >= 500,
  });
}

function readError(text: string): { error?: string; fix?: string } {
  try {
    const { error, fix } = JSON.parse(text) as { error?: unknown; fix?: unknown };
    return {
      ...(typeof error === 'string' && { error }),
      ...(typeof fix === 'string' && { fix }),
    };
  } catch {
    return {};
  }
}
