import type { SecretFinding } from './secret-types.js';

const PEM_BEGIN = '-----? ?BEGIN ?[A-Z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1) ?-----?';
/** Characters of a PuTTY file of a 16,384 bit RSA key. */
const PUTTY_SIZE = 16 * 1024;
const PUTTY_BEGIN = 'PuTTY-User-Key-File-\\d';
/** Base 64 of `-----BEGIN`, as Kubernetes and CI variables hold keys. */
const ENCODED_BEGIN = 'LS0tLS1CRUdJTi';
/** Fewer key characters are an example and stay. */
const MIN_KEY_CHARS = 40;

export const KEY_BLOCK_ANCHORS: readonly string[] = [PEM_BEGIN, PUTTY_BEGIN, ENCODED_BEGIN];

/**
 * Private keys in PEM, OpenSSH, SSH2, PGP, OpenVPN and PuTTY form, with their line breaks real or escaped, indented,
 * quoted, encoded in base 64, or cut off before the end; null for what is none.
 */
export function* findKeyBlocks(text: string): Generator<SecretFinding | null> {
  // Up to here encoded text has been read: it is read once.
  let readTo = 0;
  for (const match of text.matchAll(new RegExp(KEY_BLOCK_ANCHORS.join('|'), 'g'))) {
    const start = match.index;
    const body = start + match[0].length;
    if (match[0] === ENCODED_BEGIN) {
      if (start < readTo) continue;
      readTo = endOfEncoded(text, start);
      yield isEncodedKey(text.slice(start, readTo)) ? { kind: 'private-key', start, end: readTo } : null;
      continue;
    }
    const end = match[0].startsWith('P') ? endOfPutty(text, body) : endOfPem(text, body);
    yield countKeyChars(text.slice(body, end)) >= MIN_KEY_CHARS ? { kind: 'private-key', start, end } : null;
  }
}

function countKeyChars(body: string): number {
  return body.match(/[A-Za-z0-9+/]{16,}/g)?.join('').length ?? 0;
}

function endOfEncoded(text: string, start: number): number {
  const run = /[A-Za-z0-9+/=]*/y;
  run.lastIndex = start;
  return start + (run.exec(text)?.[0].length ?? 0);
}

/** A certificate begins alike. */
function isEncodedKey(encoded: string): boolean {
  return Buffer.from(encoded.slice(0, 96), 'base64').toString('latin1').includes('PRIVATE KEY');
}

/** The end marker if it is the next marker, else the end of what looks like a body. Each part is read once. */
function endOfPem(text: string, body: number): number {
  const marker = text.indexOf('----', body);
  const end = /-----? ?END ?[A-Za-z0-9 ]{0,60}-----?/y;
  end.lastIndex = marker;
  if (marker !== -1 && end.test(text)) return end.lastIndex;
  const rest = text.slice(body, marker === -1 ? text.length : marker);
  return body + (/^[A-Za-z0-9+/=\s\\:,>|."'-]*/.exec(rest)?.[0].length ?? 0);
}

/** A PuTTY file ends with its MAC; without one, what follows within a large key's size is taken. */
function endOfPutty(text: string, body: number): number {
  const rest = text.slice(body, body + PUTTY_SIZE);
  const next = rest.indexOf('PuTTY-User-Key-File-');
  const own = next === -1 ? rest : rest.slice(0, next);
  const mac = /Private-MAC: ?[0-9a-f]{0,64}/.exec(own);
  return body + (mac ? mac.index + mac[0].length : own.length);
}
