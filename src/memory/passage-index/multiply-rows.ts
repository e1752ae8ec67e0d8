import { DIMENSIONS } from '../../embedding/embedding-types.js';

/**
 * WebAssembly that multiplies vectors by one other, 16 numbers a step: three to four times as fast as the same loop in
 * JavaScript, which has no instructions for several numbers at once. It is written here as bytes, so that nothing has to be
 * compiled when the product is built. In words:
 *
 * ```
 * multiply(at, rows, out):
 *   do {
 *     a = b = c = d = [0, 0, 0, 0]; query = 0
 *     do {
 *       a += memory[at .. at + 16] * memory[query .. query + 16]; b, c, d: the next 16 bytes each
 *       at += 64; query += 64
 *     } while (query < VECTOR_BYTES)
 *     memory[out] = sum of the four numbers of (a + b) + (c + d)
 *     out += 4; rows -= 1
 *   } while (rows > 0)
 * ```
 */
export type MultiplyRows = (at: number, rows: number, out: number) => void;

/** Bytes of a vector in memory. The vector that all are multiplied by lies at address 0. */
export const VECTOR_BYTES = DIMENSIONS * Float32Array.BYTES_PER_ELEMENT;

const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;
const LOOP = [0x03, 0x40];
/** Jumps to the beginning of the innermost loop when the number on the stack is not 0. */
const REPEAT = [0x0d, 0];
const ADD_I32 = 0x6a;
const SUBTRACT_I32 = 0x6b;
const LESS_U32 = 0x49;
const ADD_F32 = 0x92;
const STORE_F32 = [0x38, 2, 0];
const ADD_F32X4 = [0xfd, 0xe4, 0x01];
const MULTIPLY_F32X4 = [0xfd, 0xe6, 0x01];

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const load = (offset: number): number[] => [0xfd, 0x00, 4, offset];
const zeros = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const number = (index: number): number[] => [0xfd, 0x1f, index];

/** Parameters, then locals. */
const [AT, ROWS, OUT, QUERY, FIRST_SUM] = [0, 1, 2, 3, 4];
const SUMS = [0, 1, 2, 3] as const;
const SUM_BYTES = 16;
const STEP_BYTES = SUMS.length * SUM_BYTES;

/** @returns null where the processor has no such instructions */
export function compileMultiplyRows(memory: WebAssembly.Memory): MultiplyRows | null {
  const bytes = Uint8Array.from(assemble());
  if (!WebAssembly.validate(bytes)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { m: memory } });
  return exports.f as MultiplyRows;
}

function assemble(): number[] {
  const body = [
    // Groups of locals: how many, and their type.
    ...[2, 1, I32, SUMS.length, V128],
    ...LOOP,
    ...SUMS.flatMap((sum) => [...zeros, ...set(FIRST_SUM + sum)]),
    ...[...constant(0), ...set(QUERY)],
    ...LOOP,
    ...SUMS.flatMap(addProduct),
    ...increase(AT, STEP_BYTES),
    ...increase(QUERY, STEP_BYTES),
    ...[...get(QUERY), ...constant(VECTOR_BYTES), LESS_U32, ...REPEAT, END],
    ...storeSum(),
    ...increase(OUT, Float32Array.BYTES_PER_ELEMENT),
    ...[...get(ROWS), ...constant(1), SUBTRACT_I32, ...set(ROWS)],
    ...[...get(ROWS), ...REPEAT, END],
    END,
  ];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  return [
    ...[0, ...Buffer.from('asm'), 1, 0, 0, 0],
    // Types: a function of three numbers, without a result.
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    // Imports: a memory of one page at least.
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('f'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ];
}

function addProduct(sum: number): number[] {
  const offset = sum * SUM_BYTES;
  const product = [...get(AT), ...load(offset), ...get(QUERY), ...load(offset), ...MULTIPLY_F32X4];
  return [...get(FIRST_SUM + sum), ...product, ...ADD_F32X4, ...set(FIRST_SUM + sum)];
}

function storeSum(): number[] {
  const pair = (first: number): number[] => [...get(first), ...get(first + 1), ...ADD_F32X4];
  const total = [...pair(FIRST_SUM), ...pair(FIRST_SUM + 2), ...ADD_F32X4, ...set(FIRST_SUM)];
  const numbers = SUMS.flatMap((index) => [...get(FIRST_SUM), ...number(index), ...(index === 0 ? [] : [ADD_F32])]);
  return [...total, ...get(OUT), ...numbers, ...STORE_F32];
}

function increase(local: number, by: number): number[] {
  return [...get(local), ...constant(by), ADD_I32, ...set(local)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** The same, with a sign. */
function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
