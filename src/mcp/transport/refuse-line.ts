import type { ErrorCode } from '../../errors.js';
import { isRequestId } from './request-id.js';
import { type Envelope, readEnvelope } from './scan-envelope.js';
import type { JsonScan } from './scan-json.js';
import { toolError } from './tool-error.js';

/** A reason to refuse a line. */
export interface Refusal {
  /** JSON-RPC's number: -32700 for what is not JSON, -32600 for what is no usable message. */
  number: -32_700 | -32_600;
  code: ErrorCode;
  message: string;
  fix: string;
}

/** Why there is no message, with the line that answers its sender: null where none is owed. */
export interface RefusedLine {
  refused: string;
  answer: string | null;
}

/**
 * Refuses a line. The answer bears the message's own id; it has none where the envelope is unknown or its id unusable.
 * Notifications, and answers to requests that were never made, are owed no answer. A call that is too large is answered
 * as tools answer, so that the model reads what to do; everything else with an error of JSON-RPC.
 */
export function refuse(envelope: Envelope | null, refusal: Refusal): RefusedLine {
  const { id, method } = envelope ?? {};
  const { number, ...facts } = refusal;
  const has = (name: keyof Envelope) => envelope !== null && Object.hasOwn(envelope, name);
  const isSilent = typeof method === 'string' ? !has('id') : has('result') || has('error');
  if (isSilent) return { refused: facts.message, answer: null };
  const data = { ...facts, retryable: false };
  const isCall = method === 'tools/call' && facts.code === 'too_large' && isRequestId(id);
  const outcome = isCall
    ? { result: toolError(data) }
    : { error: { code: number, message: `The message was refused: ${facts.message} ${facts.fix}`, data } };
  const answer = JSON.stringify({ jsonrpc: '2.0', id: isRequestId(id) ? id : null, ...outcome });
  return { refused: facts.message, answer: `${answer}\n` };
}

/** Refuses a line of which only a scan is known; null for a blank one. */
export function refuseScanned({ isBlank, isWholeObject, envelope }: JsonScan, refusal: Refusal): RefusedLine | null {
  return isBlank ? null : refuse(isWholeObject ? readEnvelope(envelope) : null, refusal);
}
