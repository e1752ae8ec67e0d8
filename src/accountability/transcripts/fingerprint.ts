import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Transcript } from './open-transcript.js';

/** Bytes at the beginning and before the offset by which a file is known again. */
const SAMPLE_BYTES = 1024;

/** Tells whether the part of a file that was read is still the same: what was appended since does not matter. */
export const fingerprintSchema = z.object({
  /** The file's number on its device; a renamed file keeps it, a replaced one does not. */
  inode: z.string(),
  /** Hash of the first bytes, at most up to the offset. */
  head: z.string(),
  /** Hash of the last bytes before the offset: a file cut and grown again differs here. */
  tail: z.string(),
});
export type Fingerprint = z.infer<typeof fingerprintSchema>;

/** A piece of a file that is in memory already. */
export interface ReadPiece {
  /** Where it stands in the file. */
  position: number;
  bytes: Buffer;
}

/**
 * The fingerprint of a file that was read up to `offset`, or null if the file is shorter.
 * @param piece saves reading again what it covers
 */
export async function takeFingerprint(
  file: Transcript,
  inode: string,
  offset: number,
  piece: ReadPiece | null = null,
): Promise<Fingerprint | null> {
  const length = Math.min(SAMPLE_BYTES, offset);
  const head = await readSample(file, 0, length, piece);
  const tail = head && (await readSample(file, offset - length, length, piece));
  return head && tail ? { inode, head: hash(head), tail: hash(tail) } : null;
}

export function isSameFingerprint(a: Fingerprint | null, b: Fingerprint | null): boolean {
  return a !== null && b !== null && a.inode === b.inode && a.head === b.head && a.tail === b.tail;
}

async function readSample(
  file: Transcript,
  position: number,
  length: number,
  piece: ReadPiece | null,
): Promise<Buffer | null> {
  const start = piece ? position - piece.position : -1;
  if (piece && start >= 0 && start + length <= piece.bytes.length) return piece.bytes.subarray(start, start + length);
  const buffer = Buffer.alloc(length);
  return (await file.read(buffer, length, position)) < length ? null : buffer;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}
