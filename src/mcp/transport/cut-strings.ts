/**
 * More than the largest text that a tool takes, 256 KB, however it is escaped: what is cut here is still refused for its
 * length, by the name of its argument, but need not be decoded before.
 */
export const MAX_STRING_BYTES = 6 * 256 * 1024 + 1_024;

const BACKSLASH = 0x5c;
/** Of `\u0000`. */
const ESCAPE_BYTES = 6;

/** The line of JSON with only the beginnings of these strings. @param strings where their contents are, in order */
export function cutStrings(line: Buffer, strings: readonly { from: number; to: number }[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const string of strings) {
    parts.push(line.subarray(from, findCut(line, string.from + MAX_STRING_BYTES)));
    from = string.to;
  }
  return Buffer.concat([...parts, line.subarray(from)]);
}

/** The last place before `at` that is neither within a character nor within an escape. */
function findCut(line: Buffer, at: number): number {
  for (let place = at; place > at - ESCAPE_BYTES; place -= 1) {
    if (line[place - 1] !== BACKSLASH) continue;
    let first = place - 1;
    while (line[first - 1] === BACKSLASH) first -= 1;
    // Of an even number the last one is meant literally.
    return (place - first) % 2 === 1 ? place - 1 : place - 2;
  }
  let place = at;
  while (((line[place] ?? 0) & 0xc0) === 0x80) place -= 1;
  return place;
}
