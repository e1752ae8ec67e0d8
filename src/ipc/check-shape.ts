/**
 * Checks of parsed JSON from which types are inferred, for the few messages that a bridge or a hook exchanges with a
 * server. Free of imports: these two start through it, and a schema library would cost them 5 to 20 % of their start
 * (docs/decisions/control-messages-checked-by-hand.md). Everything else uses zod.
 */
export type Check<T> = (value: unknown) => value is T;

/** The type that a check proves. */
export type Checked<C> = C extends Check<infer T> ? T : never;

type Fields = Readonly<Record<string, Check<unknown>>>;
type OptionalKeys<F> = { [K in keyof F]: undefined extends Checked<F[K]> ? K : never }[keyof F];
type Shape<F> = { [K in Exclude<keyof F, OptionalKeys<F>>]: Checked<F[K]> } & {
  [K in OptionalKeys<F>]?: Checked<F[K]>;
};

export const text: Check<string> = (value) => typeof value === 'string';
export const integer: Check<number> = (value): value is number => Number.isSafeInteger(value);
export const flag: Check<boolean> = (value) => typeof value === 'boolean';

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value): value is T => words.some((word) => word === value);
}

export function listOf<T>(item: Check<T>): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(item);
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

/** An object with at least these fields; others pass unchecked, so that messages can gain fields. */
export function shapeOf<const F extends Fields>(fields: F): Check<Shape<F>> {
  const checks = Object.entries(fields);
  return (value): value is Shape<F> =>
    typeof value === 'object' &&
    value !== null &&
    checks.every(([name, check]) => check((value as Record<string, unknown>)[name]));
}
