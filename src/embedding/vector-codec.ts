/**
 * A vector as base64 of its float32 in little-endian order, for its way through the queue: 2 KB for 384 dimensions, bit
 * by bit the same. (To and from the database vectors go in pgvector's text form.)
 */
export function encodeVector(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

/** The reverse of encodeVector; null for anything else, or for another number of dimensions. */
export function decodeVector(text: unknown, dimensions: number): Float32Array | null {
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== dimensions * Float32Array.BYTES_PER_ELEMENT) return null;
  // Copied: a pooled Buffer need not lie on a multiple of four.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
