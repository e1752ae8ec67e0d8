import { EventSourceParserStream } from 'eventsource-parser/stream';
import { AppError } from '../errors.js';
import { describeRefusal, isAway } from './team-client.js';

/** A JSON-RPC message, as far as a bridge looks at it. */
export interface Message {
  jsonrpc?: unknown;
  id?: unknown;
  method?: unknown;
  params?: Record<string, unknown> | undefined;
  result?: Record<string, unknown>;
}

/** The server does not know the session: it has ended. */
export class SessionGoneError extends Error {}

/** The connection broke before the answer came: the request may have been carried out. */
export class AnswerLostError extends AppError {}

/** Refused before anything was sent. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Of proxies: the server behind them is away. */
const AWAY = new Set([502, 503, 504]);

/**
 * Sends one message, or with null opens the stream of the server's own ones, and passes on what comes back.
 * @returns the session that the server names
 * @throws SessionGoneError, AnswerLostError, or an AppError where the server refuses or can't be reached
 */
export async function exchange(
  url: string,
  headers: Record<string, string>,
  message: Message | null,
  signal: AbortSignal,
  onMessage: (message: Message) => void,
): Promise<string | null> {
  let isAnswered = message?.id === undefined || message.method === undefined;
  const take = (answer: Message): void => {
    if (answer.method === undefined && answer.id === message?.id) isAnswered = true;
    onMessage(answer);
  };
  const response = await request(url, headers, message, signal);
  if (response.status === 404) throw new SessionGoneError();
  if (!response.ok) {
    const text = await response.text();
    const refusal = describeRefusal(url, response.status, text);
    throw AWAY.has(response.status) ? lost(refusal) : refusal;
  }
  try {
    await read(response, take);
  } catch (error) {
    throw lost(isAway(url, error));
  }
  if (!isAnswered) throw lost(isAway(url, new Error('the connection broke')));
  return response.headers.get('mcp-session-id');
}

async function request(
  url: string,
  headers: Record<string, string>,
  message: Message | null,
  signal: AbortSignal,
): Promise<Response> {
  try {
    if (message === null) {
      return await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal, redirect: 'error' });
    }
    return await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(message),
      signal,
      redirect: 'error',
    });
  } catch (error) {
    const { code } = (error as { cause?: { code?: string } }).cause ?? {};
    const failure = isAway(url, error);
    throw code !== undefined && NOT_SENT.has(code) ? failure : lost(failure);
  }
}

async function read(response: Response, onMessage: (message: Message) => void): Promise<void> {
  if (response.body === null || response.status === 202) {
    await response.body?.cancel();
    return;
  }
  if (response.headers.get('content-type')?.includes('application/json')) {
    const answer = (await response.json()) as Message | Message[];
    for (const each of Array.isArray(answer) ? answer : [answer]) onMessage(each);
    return;
  }
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { data } of events) if (data !== '') onMessage(JSON.parse(data) as Message);
}

function lost({ code, message, fix, cause }: AppError): AnswerLostError {
  return new AnswerLostError({ code, message, fix, retryable: true, cause });
}
