import * as z from 'zod';

/** A count of tokens: absent and null mean none. */
export const count = z
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? 0);

/** A text that may be absent or null; something else in its place costs the row nothing but this text. */
export const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

/** A moment in any ISO 8601 form, as `Date.toISOString` writes it: such texts sort by time. */
export const moment = z.string().transform((value, context) => {
  const time = Date.parse(value);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  context.addIssue('not a time');
  return z.NEVER;
});

/** Milliseconds since 1970, as an ISO 8601 text. */
export const milliseconds = z
  .number()
  .min(0)
  .max(8.64e15)
  .transform((value) => new Date(value).toISOString());

/** Dollars that a client states as a JSON number: the shortest decimal that reads back as the same number. */
export const dollars = z
  .number()
  .min(0)
  .nullish()
  .transform((value) => (value === null || value === undefined ? null : String(value)));
