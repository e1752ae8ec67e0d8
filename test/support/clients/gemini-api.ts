import type { ServerResponse } from 'node:http';
import { chooseStep, type ModelScript, type ModelStep, usageOf } from './model-script.js';

/** The part of a request to Google's Gemini API that a script looks at. */
export interface GeminiRequest {
  contents?: readonly { role?: string; parts?: unknown }[];
  tools?: readonly { functionDeclarations?: readonly unknown[] }[];
}

/** Whether a path is one of that API: `/v1beta/models/NAME:streamGenerateContent`. */
export function isGeminiPath(path: string): boolean {
  return /\/models\/[^/]+:\w+$/.test(path);
}

/** Answers it, as a stream or not. A request without tools, such as one for a title, takes no step of the script. */
export function answerGemini(
  response: ServerResponse,
  path: string,
  request: GeminiRequest,
  script: ModelScript,
  serial: number,
): void {
  const json = (value: object) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (path.endsWith(':countTokens')) return void json({ totalTokens: 100 });
  const { contents = [], tools = [] } = request;
  const turn = contents.filter(({ role }) => role === 'model').length;
  const isWork = tools.some(({ functionDeclarations = [] }) => functionDeclarations.length > 0);
  const step = isWork ? chooseStep(script, JSON.stringify(contents[0] ?? ''), turn) : { text: '{}' };
  const answer = buildAnswer(step, serial);
  if (!path.endsWith(':streamGenerateContent')) return void json(answer);
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${JSON.stringify(answer)}\n\n`);
}

function buildAnswer(step: ModelStep, serial: number) {
  const { input, output } = usageOf(step);
  const { text, tools = [] } = step;
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...tools.map(({ name, input: args = {} }, index) => ({
      functionCall: { id: `call_${serial}_${index}`, name, args },
    })),
  ];
  return {
    candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
    responseId: `gemini_${serial}`,
  };
}
