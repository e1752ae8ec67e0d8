import { createHash, randomBytes } from 'node:crypto';
import { customAlphabet } from 'nanoid';

/** `pst_ID_SECRET`: the id finds the row, and the secret's 256 bits are what cannot be guessed. */
const FORM = /^pst_([0-9a-z]{16})_[A-Za-z0-9_-]{43}$/;
const SECRET_BYTES = 32;
const newTokenId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);

/** A new token with its id, and the hash that is stored of it. */
export function makeToken(): { token: string; id: string; hash: string } {
  const id = newTokenId();
  const token = `pst_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, id, hash: hashToken(token) };
}

/** The id within a token; null for what has not its form. */
export function readTokenId(token: string): string | null {
  return FORM.exec(token)?.[1] ?? null;
}

/** The secret is random and long: a plain hash cannot be turned back, and a slow one would protect nothing more. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
