import type { ErrorCode } from '../../errors.js';
import { isRequestId } from './request-id.js';
import { type Envelope, readEnvelope } from './scan-envelope.js';
import type { JsonScan } from './scan-json.js';

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
 * Notifications, and answers to requests that were never made, are owed no answer.
 */
export function refuse(envelope: Envelope | null, { number, code, message, fix }: Refusal): RefusedLine {
  const { id, method } = envelope ?? {};
  const has = (name: keyof Envelope) => envelope !== null && Object.hasOwn(envelope, name);
  const isSilent = typeof method === 'string' ? !has('id') : has('result') || has('error');
  if (isSilent) return { refused: message, answer: null };
  const error = {
    code: number,
    message: `The message was refused: ${message} ${fix}`,
    data: { code, message, fix, retryable: false },
  };
  return {
    refused: message,
    answer: `${JSON.stringify({ jsonrpc: '2.0', id: isRequestId(id) ? id : null, error })}\n`,
  };
}

/** Refuses a line of which only a scan is known; null for a blank one. */
export function refuseScanned({ isBlank, isWholeObject, envelope }: JsonScan, refusal: Refusal): RefusedLine | null {
  return isBlank ? null : refuse(isWholeObject ? readEnvelope(envelope) : null, refusal);
}
