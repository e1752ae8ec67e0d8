import { createEnvelopeScan, type EnvelopeScan, endEnvelopePart, keepEnvelopePart } from './scan-envelope.js';

/**
 * What a line of JSON says of itself while its bytes stream by: it is neither held nor parsed for that, and need not be
 * valid. A plain record with functions of the module, since the engine optimises those once for all lines.
 */
export interface JsonScan {
  /** Separators and opening brackets outside of strings so far: about the number of values. */
  values: number;
  /** Those of the outer three levels alone, where a request has a handful. */
  outerValues: number;
  /** Nothing but white space so far. */
  isBlank: boolean;
  /** The bytes so far are one whole object. */
  isWholeObject: boolean;
  /** Fields of the outermost object. */
  readonly envelope: EnvelopeScan;
  depth: number;
  inString: boolean;
  isEscaped: boolean;
  /** It can't become an object any more. */
  isBroken: boolean;
}

const OUTER_LEVELS = 3;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

export function createJsonScan(): JsonScan {
  return {
    values: 0,
    outerValues: 0,
    isBlank: true,
    isWholeObject: false,
    envelope: createEnvelopeScan(),
    depth: 0,
    inString: false,
    isEscaped: false,
    isBroken: false,
  };
}

/** Takes note of the next bytes of the line. */
export function scanBytes(scan: JsonScan, bytes: Buffer): void {
  let { inString, isEscaped } = scan;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (inString) {
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) inString = false;
    } else if (byte > 0x20) {
      if (byte === QUOTE) inString = true;
      scanStructure(scan, byte, bytes, at);
    }
  }
  scan.inString = inString;
  scan.isEscaped = isEscaped;
  if (!scan.isBroken) keepEnvelopePart(scan.envelope, bytes);
}

function scanStructure(scan: JsonScan, byte: number, bytes: Buffer, at: number): void {
  if (scan.depth === 0) {
    if (!scan.isBlank || byte !== OPEN_OBJECT) scan.isBroken = true;
    scan.isBlank = false;
    scan.isWholeObject = false;
  }
  switch (byte) {
    case COMMA:
    case COLON:
      scan.values += 1;
      if (scan.depth <= OUTER_LEVELS) scan.outerValues += 1;
      if (scan.depth === 1 && !scan.isBroken) endEnvelopePart(scan.envelope, bytes, at, byte === COLON);
      break;
    case OPEN_LIST:
    case OPEN_OBJECT:
      scan.values += 1;
      if (scan.depth < OUTER_LEVELS) scan.outerValues += 1;
      if (scan.depth === 0) scan.envelope.from = at + 1;
      scan.depth += 1;
      break;
    case CLOSE_LIST:
    case CLOSE_OBJECT:
      if (scan.depth === 1 && !scan.isBroken) {
        endEnvelopePart(scan.envelope, bytes, at, false);
        scan.isWholeObject = true;
      }
      scan.depth -= 1;
      break;
    default:
  }
}
