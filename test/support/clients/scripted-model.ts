import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeAtFileEnd } from '../setup/resources.js';
import { answerGemini, type GeminiRequest, isGeminiPath } from './gemini-api.js';
import { answerMessages, type MessagesRequest } from './messages-api.js';
import type { ModelScript } from './model-script.js';
import { answerResponses, type ResponsesRequest } from './responses-api.js';

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** What the model was asked, oldest first. */
  requests: { path: string; body: Record<string, unknown> }[];
  close(): Promise<void>;
}

/**
 * Answers the API of a model on loopback by a script, so that a real client program runs end to end without a network: its
 * hooks, its MCP connections, its sub-agents, its files, its account of the cost. Speaks Anthropic's Messages API,
 * OpenAI's Responses API and Google's Gemini API.
 */
export async function startScriptedModel(script: ModelScript): Promise<ScriptedModel> {
  const requests: ScriptedModel['requests'] = [];
  let serial = 0;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const text = await readBody(request);
    if (request.method !== 'POST') {
      response.writeHead(200).end('{}');
      return;
    }
    const body = parseObject(text);
    requests.push({ path, body });
    serial += 1;
    if (path.endsWith('/responses')) answerResponses(response, body as ResponsesRequest, script, serial);
    else if (isGeminiPath(path)) answerGemini(response, path, body as GeminiRequest, script, serial);
    else if (path.endsWith('/v1/messages')) await answerMessages(response, body as MessagesRequest, script, serial);
    else {
      const answer = path.endsWith('/count_tokens') ? { input_tokens: Math.ceil(text.length / 4) } : {};
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
  closeAtFileEnd('scripted model', close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
