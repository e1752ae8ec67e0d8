import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';

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

/** The fingerprint of a file that was read up to `offset`, or null if the file is shorter. */
export async function takeFingerprint(file: FileHandle, offset: number): Promise<Fingerprint | null> {
  const { ino, size } = await file.stat({ bigint: true });
  if (size < BigInt(offset)) return null;
  const length = Math.min(SAMPLE_BYTES, offset);
  const [head, tail] = [await hash(file, 0, length), await hash(file, offset - length, length)];
  return head === null || tail === null ? null : { inode: String(ino), head, tail };
}

export function isSameFingerprint(a: Fingerprint | null, b: Fingerprint | null): boolean {
  return a !== null && b !== null && a.inode === b.inode && a.head === b.head && a.tail === b.tail;
}

async function hash(file: FileHandle, position: number, length: number): Promise<string | null> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) return null;
  return createHash('sha256').update(buffer).digest('base64url').slice(0, 22);
}
