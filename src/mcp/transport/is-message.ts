import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isRequestId } from './request-id.js';

const FIELDS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/**
 * Whether a value is a message of JSON-RPC 2.0, as far as it can be answered or delivered. Checked by hand: the library's
 * schemas take longer than all else that is done with a short line, and a front would load them before its first answer.
 */
export function isMessage(value: unknown): value is JSONRPCMessage {
  if (!isObject(value) || value.jsonrpc !== '2.0') return false;
  if (!Object.keys(value).every((name) => FIELDS.has(name))) return false;
  const { id, method, params, result, error } = value;
  if (typeof method === 'string')
    return (!('id' in value) || isRequestId(id)) && (params === undefined || hasMeta(params));
  if (method !== undefined) return false;
  if (result !== undefined) return isRequestId(id) && isObject(result);
  return (
    isObject(error) &&
    Number.isSafeInteger(error.code) &&
    typeof error.message === 'string' &&
    (id === undefined || isRequestId(id))
  );
}

/** Parameters are an object, and what is said about the request is one too. */
function hasMeta(params: unknown): boolean {
  return isObject(params) && (params._meta === undefined || isObject(params._meta));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
