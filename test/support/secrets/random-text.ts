export const LOWER = 'abcdefghijklmnopqrstuvwxyz';
export const UPPER = LOWER.toUpperCase();
export const DIGITS = '0123456789';
export const ALNUM = LOWER + UPPER + DIGITS;
export const HEX = `${DIGITS}abcdef`;
export const URL_SAFE = `${ALNUM}_-`;
export const BASE64 = `${ALNUM}+/`;
export const BASE32 = `${UPPER}234567`;
export const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** A small seeded generator (mulberry32), so that a failing canary can be made again. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type RandomText = ReturnType<typeof createRandomText>;

/** Random characters of the alphabets in which makers write their secrets. */
export function createRandomText(random: () => number) {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chars = (alphabet: string, length: number) => Array.from({ length }, () => pick([...alphabet])).join('');
  return {
    pick,
    chars,
    hex: (length: number) => chars(HEX, length),
    uuid: () => [8, 4, 4, 4, 12].map((length) => chars(HEX, length)).join('-'),
    /** With a lower case letter first, a digit and a capital at the end, as generators that guarantee classes do. */
    mixed: (alphabet: string, length: number) =>
      `${pick([...LOWER])}${chars(alphabet, length - 3)}${pick([...DIGITS])}${pick([...UPPER])}`,
    /** What a person types where a policy asks for four classes. */
    password: () =>
      `${pick([...UPPER])}${chars(LOWER, 5)}${chars(DIGITS, 3)}${pick([...'!#$%*+?~'])}${chars(LOWER, 2)}`,
    /** What generators of passwords make. */
    generated: (length = 18) => `${pick([...LOWER])}${chars(ALNUM, length - 3)}${pick([...DIGITS])}${pick([...UPPER])}`,
  };
}
