import * as z from 'zod';

/** A time: a Date on both ends, ISO 8601 on the wire. */
export const wireTime = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
