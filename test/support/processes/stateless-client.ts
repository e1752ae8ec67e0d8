import { request } from 'node:http';
import { waitUntil } from '../setup/wait-until.js';
import { envelope, type LineMessage, MODERN } from './line-client.js';

export interface StatelessAnswer {
  status: number;
  type: string;
  /** Messages of the body, in order: one of JSON, or those of the stream. */
  messages: LineMessage[];
}

/** A request whose answer is read as it comes. */
export interface OpenRequest {
  messages: LineMessage[];
  done: Promise<StatelessAnswer>;
  /** Closes the response stream: the request is cancelled. */
  drop(): void;
}

export interface StatelessClient {
  /** Sends any body. @param headers null leaves one out */
  send(body: unknown, headers?: Record<string, string | null>): Promise<StatelessAnswer>;
  open(method: string, params?: Record<string, unknown>, meta?: Record<string, unknown>): OpenRequest;
  ask(method: string, params?: Record<string, unknown>, meta?: Record<string, unknown>): Promise<LineMessage>;
  /** Calls a tool. @throws Error with the text of a failed call */
  call<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>): Promise<T>;
  notified(open: OpenRequest, method: string): Promise<LineMessage>;
}

/** Speaks the revision of 2026-07-28 over HTTP: each request stands alone. */
export function createStatelessClient(url: string, token: string, project = 'team'): StatelessClient {
  let ids = 0;

  function post(body: unknown, headers: Record<string, string | null>): OpenRequest {
    const messages: LineMessage[] = [];
    const sent = Object.fromEntries(
      Object.entries({
        authorization: `Bearer ${token}`,
        'popstash-project': project,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': MODERN,
        ...headers,
      }).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    const asking = request(`${url}/mcp`, { method: 'POST', headers: sent, agent: false });
    const done = new Promise<StatelessAnswer>((resolve, reject) => {
      asking.on('error', reject);
      asking.on('response', (response) => {
        const type = String(response.headers['content-type']).split(';')[0] ?? '';
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
          if (type !== 'text/event-stream') return;
          const frames = text.split('\n\n');
          text = frames.pop() ?? '';
          for (const frame of frames) {
            const data = /^data: (.*)$/m.exec(frame)?.[1];
            if (data !== undefined) messages.push(JSON.parse(data));
          }
        });
        response.on('error', reject);
        response.on('end', () => {
          if (type === 'application/json') messages.push(JSON.parse(text));
          resolve({ status: response.statusCode ?? 0, type, messages });
        });
      });
    });
    done.catch(() => undefined);
    asking.end(JSON.stringify(body));
    return { messages, done, drop: () => asking.destroy() };
  }

  function open(method: string, params: Record<string, unknown> = {}, meta = {}): OpenRequest {
    ids += 1;
    const named = params.name ?? params.uri;
    return post(
      { jsonrpc: '2.0', id: ids, method, params: { ...params, _meta: { ...envelope(), ...meta } } },
      { 'mcp-method': method, ...(typeof named === 'string' && { 'mcp-name': named }) },
    );
  }

  async function ask(method: string, params = {}, meta = {}): Promise<LineMessage> {
    const { messages } = await open(method, params, meta).done;
    const answer = messages.at(-1);
    if (!answer) throw new Error(`no answer to ${method}`);
    return answer;
  }

  return {
    send: (body, headers = {}) => post(body, headers).done,
    open,
    ask,
    async call<T>(tool: string, args: Record<string, unknown> = {}): Promise<T> {
      const { result, error } = await ask('tools/call', { name: tool, arguments: args });
      if (error || result?.isError) throw new Error(error?.message ?? result?.content?.[0]?.text);
      return result?.structuredContent as T;
    },
    notified: ({ messages }, method) => waitUntil(() => messages.find((one) => one.method === method), method),
  };
}
