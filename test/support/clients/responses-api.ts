import type { ServerResponse } from 'node:http';
import { chooseStep, type ModelScript, type ModelStep, usageOf } from './model-script.js';

interface ResponseItem {
  type?: string;
  role?: string;
  content?: unknown;
}

/** The part of a request to OpenAI's Responses API that a script looks at. */
export interface ResponsesRequest {
  model?: string;
  input?: readonly ResponseItem[] | string;
}

/** Answers a request to POST /v1/responses, as a stream. */
export function answerResponses(
  response: ServerResponse,
  { model = 'unknown', input }: ResponsesRequest,
  script: ModelScript,
  serial: number,
): void {
  const items = Array.isArray(input) ? (input as readonly ResponseItem[]) : [];
  const first = JSON.stringify(items.filter(({ role }) => role === 'user'));
  const step = chooseStep(script, first, countTurns(items));
  const id = `${serial}${Date.now().toString(36)}`;
  const output = buildOutput(step, id);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const head = { id: `resp_${id}`, object: 'response', model: step.model ?? model };
  send('response.created', { response: { ...head, status: 'in_progress', output: [] } });
  for (const [output_index, item] of output.entries()) {
    send('response.output_item.added', { output_index, item });
    // Some clients read a text as it grows, others as a whole.
    if (step.text !== undefined && item.type === 'message')
      send('response.output_text.delta', { item_id: item.id, output_index, content_index: 0, delta: step.text });
    send('response.output_item.done', { output_index, item });
  }
  send('response.completed', { response: { ...head, status: 'completed', output, usage: buildUsage(step) } });
  response.end();
}

/** Answers of the model so far. The calls and words of one answer lie together. */
function countTurns(items: readonly ResponseItem[]): number {
  return items.filter((item, at) => isAnswer(item) && !isAnswer(items[at - 1])).length;
}

function isAnswer(item: ResponseItem | undefined): boolean {
  if (item?.type === 'function_call' || item?.type === 'custom_tool_call') return true;
  return item?.type === 'message' && item.role === 'assistant';
}

function buildOutput({ text, tools = [] }: ModelStep, id: string) {
  return [
    ...(text === undefined
      ? []
      : [
          {
            type: 'message',
            id: `m_${id}`,
            role: 'assistant',
            status: 'completed',
            content: [{ type: 'output_text', text, annotations: [] }],
          },
        ]),
    ...tools.map(({ name, namespace, input }, index) => ({
      type: 'function_call',
      id: `f${index}_${id}`,
      call_id: `call_${index}_${id}`,
      name,
      ...(namespace !== undefined && { namespace }),
      arguments: JSON.stringify(input ?? {}),
      status: 'completed',
    })),
  ];
}

/** Here the input includes what was read from the cache, and the output the reasoning. */
function buildUsage(step: ModelStep) {
  const { input, output, cacheRead, reasoning } = usageOf(step);
  return {
    input_tokens: input + cacheRead,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + cacheRead + output,
  };
}
