import type { Random } from '../histories/random.js';

/** Values that readers may meet where they expect something else. */
const STRANGE: readonly unknown[] = [
  ...[null, true, -1, 1e308, 2 ** 53, '', ' ', '\u0000', '\ud800', '__proto__', 'constructor', [], {}, [[[[]]]]],
  'x'.repeat(20_000),
  '../'.repeat(2_000),
  '['.repeat(2_000),
  '(a+)+$ '.repeat(500),
  Array.from({ length: 2_000 }, (_, index) => index),
];
const SPLICES = [
  '\n',
  '\r\n',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  '---\n',
  '# ',
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud83d',
  '🦜',
];

/** The value with some of its parts replaced, left out, doubled or nested deeply. */
export function mutateValue(value: unknown, random: Random, share = 0.12): unknown {
  if (random.chance(share)) return mutateOne(value, random);
  if (Array.isArray(value)) return value.map((each) => mutateValue(each, random, share));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, mutateValue(each, random, share)] as const);
  return Object.fromEntries(random.chance(share) ? entries.slice(random.below(entries.length + 1)) : entries);
}

function mutateOne(value: unknown, random: Random): unknown {
  const way = random.below(5);
  if (way === 0) return [value, value];
  if (way === 1) return { [String(random.pick(['a', '__proto__', 'popstash', 'length']))]: value };
  if (way === 2 && typeof value === 'string') return mutateText(value, random);
  if (way === 3) return nest(value, 1 + random.below(300));
  return random.pick(STRANGE);
}

function nest(value: unknown, depth: number): unknown {
  let nested = value;
  for (let level = 0; level < depth; level += 1) nested = level % 2 === 0 ? [nested] : { nested };
  return nested;
}

/** The text cut, repeated, or with something put in. */
export function mutateText(text: string, random: Random): string {
  let mutated = text;
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    const at = random.below(mutated.length + 1);
    const way = random.below(5);
    if (way === 0) mutated = mutated.slice(0, at);
    else if (way === 1) mutated = mutated.slice(at) + mutated.slice(0, at);
    else if (way === 2)
      mutated = mutated.slice(0, at) + random.pick(SPLICES).repeat(1 + random.below(50)) + mutated.slice(at);
    else if (way === 3)
      mutated = mutated.slice(0, at) + String.fromCharCode(random.below(65_536)) + mutated.slice(at + 1);
    else mutated = (mutated + mutated.slice(at)).slice(0, 60_000);
  }
  return mutated;
}
