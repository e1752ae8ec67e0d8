import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { cutStrings } from './cut-strings.js';
import { isRequestId } from './request-id.js';
import { scanJson } from './scan-json.js';

/** A message, or why there is none, with the line that answers whoever waits for an answer. */
export type ReadLine = { message: JSONRPCMessage } | { refused: string; answer: string | null };

/** Longer lines are looked over before they are parsed. */
const SHORT_BYTES = 16 * 1024;
/**
 * More values than any tool takes: 64 KB of metadata hold fewer. They would keep everybody else waiting, for parsing
 * takes 100 times longer for many small values than for a few long ones.
 */
const MAX_VALUES = 70_000;
const MAX_OUTER_VALUES = 500;
/** Without what is cut from overlong strings: a few of the largest texts. */
const MAX_BYTES = 5 * 1024 * 1024;

/** Reads a client's line; null for a blank one. In stretches when it is long: then as a promise. */
export function readMessage(line: Buffer): ReadLine | null | Promise<ReadLine | null> {
  return line.length <= SHORT_BYTES ? parseLine(line) : readLong(line);
}

async function readLong(line: Buffer): Promise<ReadLine | null> {
  const { values, outerValues, fields, longStrings, isClosed } = await scanJson(line);
  const short = longStrings.length > 0 ? cutStrings(line, longStrings) : line;
  await yieldToEventLoop();
  if (values <= MAX_VALUES && outerValues <= MAX_OUTER_VALUES && short.length <= MAX_BYTES) return parseLine(short);
  const read = (name: string): unknown => {
    const field = fields.get(name);
    return field && field.to - field.from <= SHORT_BYTES ? parseOr(line.toString('utf8', field.from, field.to)) : {};
  };
  const named = isClosed ? Object.fromEntries([...fields.keys()].map((name) => [name, read(name)])) : null;
  const why =
    short.length > MAX_BYTES
      ? `It has more than ${MAX_BYTES} bytes.`
      : `It has more than ${MAX_VALUES} values, or ${MAX_OUTER_VALUES} where a few belong.`;
  return refuse(named, -32_600, why);
}

function parseLine(line: Buffer): ReadLine | null {
  const text = line.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text.trim() === '' ? null : refuse(null, -32_700, 'It is no JSON.');
  }
  const parsed = JSONRPCMessageSchema.safeParse(value);
  return parsed.success ? { message: parsed.data } : refuse(value, -32_600, 'It is no message of JSON-RPC 2.0.');
}

/** The answer has an id where the message has one to answer to; notifications and answers get none. */
function refuse(value: unknown, code: number, why: string): ReadLine {
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const { id = undefined, method = undefined } = fields as { id?: unknown; method?: unknown };
  const isSilent =
    typeof method === 'string' ? !('id' in fields) : Object.hasOwn(fields, 'result') || Object.hasOwn(fields, 'error');
  if (isSilent) return { refused: why, answer: null };
  const error = { code, message: `The message was refused: ${why}` };
  return { refused: why, answer: `${JSON.stringify({ jsonrpc: '2.0', id: isRequestId(id) ? id : null, error })}\n` };
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
