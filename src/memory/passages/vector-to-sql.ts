import { toSql } from 'pgvector';

/** Decimals that are kept: a float32 of a unit vector stays within 1e-8 of itself, at half the bytes of all digits. */
const PRECISION = 1e8;

/** A vector as a parameter that the statement casts to `vector`. */
export function vectorToSql(vector: Float32Array): string {
  return toSql(Array.from(vector, (value) => Math.round(value * PRECISION) / PRECISION));
}

/** The float32 values that the database reads of `vectorToSql`. */
export function roundAsSql(vector: Float32Array): Float32Array {
  return vector.map((value) => Math.round(value * PRECISION) / PRECISION);
}
