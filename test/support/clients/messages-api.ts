import type { ServerResponse } from 'node:http';
import { chooseStep, type ModelScript, type ModelStep, usageOf } from './model-script.js';

/** The part of a request to Anthropic's Messages API that a script looks at. */
export interface MessagesRequest {
  model?: string;
  stream?: boolean;
  tools?: readonly unknown[];
  messages?: readonly { role: string; content: unknown }[];
}

/**
 * What the model was told since its turn before: results of tools, and what the client adds. The last request of a
 * conversation with so many turns, as text; undefined when there was none.
 * @param words of the conversation's first message
 */
export function findTold(
  requests: readonly { body: Record<string, unknown> }[],
  words: string,
  turns: number,
): string | undefined {
  const bodies = requests.map(({ body }) => body as MessagesRequest);
  const found = bodies.findLast(({ tools = [], messages = [] }) => {
    const isOwn = JSON.stringify(messages[0]?.content ?? '').includes(words);
    return tools.length > 0 && isOwn && messages.filter(({ role }) => role === 'assistant').length === turns;
  });
  if (!found?.messages) return undefined;
  const last = found.messages.findLastIndex(({ role }) => role === 'assistant');
  return JSON.stringify(found.messages.slice(last + 1))
    .replaceAll('\\\\"', '"')
    .replaceAll('\\"', '"');
}

/** Turns that the longest conversation has, its last answer included. */
export function countTurns(requests: readonly { body: Record<string, unknown> }[]): number {
  const lengths = requests
    .map(({ body }) => body as MessagesRequest)
    .filter(({ tools = [] }) => tools.length > 0)
    .map(({ messages = [] }) => messages.filter(({ role }) => role === 'assistant').length);
  return Math.max(...lengths) + 1;
}

/** Answers a request to POST /v1/messages. A request without tools, such as one for a title, takes no step of the script. */
export async function answerMessages(
  response: ServerResponse,
  request: MessagesRequest,
  script: ModelScript,
  serial: number,
): Promise<void> {
  const { messages = [], tools = [] } = request;
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const first = JSON.stringify(messages[0]?.content ?? '');
  const step: ModelStep = tools.length > 0 ? chooseStep(script, first, turn) : { text: 'ok' };
  await step.waitFor?.();
  const message = buildMessage(step, request.model ?? 'unknown', serial);
  const headers = { 'request-id': `req_${message.id.slice('msg_'.length)}` };
  if (request.stream) streamMessage(response, message, headers);
  else response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(message));
}

function buildMessage(step: ModelStep, model: string, serial: number) {
  const { text, tools = [] } = step;
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = usageOf(step);
  const id = `${String(serial).padStart(6, '0')}${Date.now().toString(36)}`;
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: step.model ?? model,
    content: [
      ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
      ...tools.map((tool, index) => ({
        type: 'tool_use' as const,
        id: `toolu_${id}_${index}`,
        name: tool.name,
        input: tool.input ?? {},
      })),
    ],
    stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: cacheRead,
      cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
      cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
      service_tier: 'standard',
    },
  };
}

function streamMessage(
  response: ServerResponse,
  message: ReturnType<typeof buildMessage>,
  headers: Record<string, string>,
): void {
  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const { content, stop_reason, stop_sequence, usage } = message;
  // The beginning knows one token of output; only the end knows them all.
  send('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
  });
  for (const [index, block] of content.entries()) {
    if (block.type === 'text') {
      send('content_block_start', { index, content_block: { type: 'text', text: '' } });
      send('content_block_delta', { index, delta: { type: 'text_delta', text: block.text } });
    } else {
      send('content_block_start', { index, content_block: { ...block, input: {} } });
      send('content_block_delta', {
        index,
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
      });
    }
    send('content_block_stop', { index });
  }
  send('message_delta', { delta: { stop_reason, stop_sequence }, usage: { output_tokens: usage.output_tokens } });
  send('message_stop', {});
  response.end();
}
