import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isMessage } from './is-message.js';
import { type Refusal, type RefusedLine, refuse } from './refuse-line.js';
import type { Envelope } from './scan-envelope.js';

/** A line that is one message, or the reason why it is none. */
export type ReadSingle = { message: JSONRPCMessage } | RefusedLine;
/** A batch of JSON-RPC, which revisions of MCP up to 2025-03-26 have, holds several. */
export type ReadLine = ReadSingle | { batch: ReadSingle[] };

/** Messages of one batch. */
const MAX_BATCH = 100;

const NOT_JSON: Refusal = {
  number: -32_700,
  code: 'invalid_argument',
  message: 'It is not JSON.',
  fix: 'Send one JSON-RPC 2.0 message a line.',
};

const NOT_JSON_RPC: Refusal = {
  number: -32_600,
  code: 'invalid_argument',
  message: 'It is not a message of JSON-RPC 2.0.',
  fix: 'Send an object with jsonrpc "2.0", method and, for a request, id: a string or a whole number.',
};

const BAD_BATCH: Refusal = {
  number: -32_600,
  code: 'invalid_argument',
  message: `It is a batch without a message, or of more than ${MAX_BATCH}.`,
  fix: 'Send one JSON-RPC 2.0 message a line, or a batch of a few.',
};

/** Some clients' runtimes write one before the first line. */
const BYTE_ORDER_MARK = /^\ufeff/;

/** Some clients write null for parameters and arguments that there are none of. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('params' in value)) return value;
  const { params, ...rest } = value;
  if (params === null) return rest;
  if (typeof params !== 'object') return value;
  const entries = Object.entries(params);
  const isNone = ([name, given]: [string, unknown]) => given === null && (name === 'arguments' || name === '_meta');
  return entries.some(isNone)
    ? { ...rest, params: Object.fromEntries(entries.filter((entry) => !isNone(entry))) }
    : value;
}

/** Parses a client's line; null for a blank one. */
export function readMessage(line: string): ReadLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line.replace(BYTE_ORDER_MARK, ''));
  } catch {
    return line.replace(BYTE_ORDER_MARK, '').trim() === '' ? null : refuse(null, NOT_JSON);
  }
  if (!Array.isArray(value)) return readValue(value);
  return value.length === 0 || value.length > MAX_BATCH ? refuse(null, BAD_BATCH) : { batch: value.map(readValue) };
}

function readValue(given: unknown): ReadSingle {
  const value = withoutNulls(given);
  if (isMessage(value)) return { message: value };
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return refuse(isObject ? (value as Envelope) : null, NOT_JSON_RPC);
}
