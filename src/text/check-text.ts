import { AppError } from '../errors.js';

export interface TextLimits {
  /** Most UTF-8 bytes. */
  maxBytes: number;
  /** Most characters (code points), for names, keys and topics. */
  maxChars?: number;
  /** Accepts a text that is empty or only white space. */
  allowEmpty?: boolean;
  /** Refuses line breaks, for names, keys and topics. */
  singleLine?: boolean;
}

/** With the u flag a proper pair is one code point, so only halves match. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const LINE_BREAK = /[\n\v\f\r\u0085\u2028\u2029]/;

/**
 * Checks one text argument and changes nothing: a text that passes is stored byte for byte.
 * @param name The argument as the caller knows it, such as `content` or `tags[2]`.
 * @throws AppError `too_large`, or `invalid_argument` for NUL (PostgreSQL can't store it), lone surrogates
 *   (they have no UTF-8 form), blank text, line breaks where one line is asked for.
 */
export function checkText(name: string, value: string, limits: TextLimits): void {
  checkSize(name, value, limits);
  const nul = value.indexOf('\0');
  if (nul !== -1) {
    throw invalid(
      `${name} contains a NUL character at offset ${nul}.`,
      `Remove the NUL characters from ${name}; encode binary data, for example as base64.`,
    );
  }
  const lone = value.search(LONE_SURROGATE);
  if (lone !== -1) {
    throw invalid(
      `${name} contains half of a surrogate pair at offset ${lone}, which is not valid Unicode.`,
      `Send ${name} as valid Unicode; the text was probably cut in the middle of a character.`,
    );
  }
  if (!limits.allowEmpty && value.trim() === '') {
    throw invalid(`${name} is ${value === '' ? 'empty' : 'blank'}.`, `Give ${name} some text.`);
  }
  if (limits.singleLine && LINE_BREAK.test(value)) {
    throw invalid(`${name} contains a line break.`, `Write ${name} on one line.`);
  }
}

function checkSize(name: string, value: string, limits: TextLimits): void {
  // A UTF-16 unit is at least one byte in UTF-8, so a far too long text is refused without counting.
  const bytes = value.length > limits.maxBytes ? value.length : Buffer.byteLength(value, 'utf8');
  if (bytes > limits.maxBytes) {
    throw new AppError({
      code: 'too_large',
      message: `${name} is larger than ${formatBytes(limits.maxBytes)}: it has at least ${formatBytes(bytes)}.`,
      fix: `Shorten ${name} to ${formatBytes(limits.maxBytes)} (UTF-8), or split it into several calls.`,
    });
  }
  if (limits.maxChars !== undefined && value.length > limits.maxChars) {
    const chars = countCodePoints(value);
    if (chars > limits.maxChars) {
      throw new AppError({
        code: 'too_large',
        message: `${name} has ${chars} characters; at most ${limits.maxChars} are allowed.`,
        fix: `Shorten ${name} to ${limits.maxChars} characters.`,
      });
    }
  }
}

function invalid(message: string, fix: string): AppError {
  return new AppError({ code: 'invalid_argument', message, fix });
}

function formatBytes(bytes: number): string {
  return bytes % 1024 === 0 && bytes >= 1024 ? `${bytes / 1024} KB` : `${bytes} bytes`;
}

function countCodePoints(value: string): number {
  let count = 0;
  for (const _ of value) count += 1;
  return count;
}
