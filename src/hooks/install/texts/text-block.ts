/** The two lines that mark our part of a text file. */
export interface Markers {
  begin: string;
  end: string;
}

/** Replaces an earlier block by this one; where there is none, `insert` puts it in. */
export function putBlock(
  text: string,
  markers: Markers,
  block: string,
  insert: (text: string, block: string) => string,
): string {
  const found = findBlock(text, markers);
  return found ? text.slice(0, found.from) + block + text.slice(found.to) : insert(text, block);
}

/**
 * The text with these lines at its end, between the markers and behind an empty line, in the text's own line ends; a block
 * that is there already is replaced in its place.
 */
export function appendBlock(text: string, markers: Markers, lines: readonly string[]): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const block = [markers.begin, ...lines, markers.end].map((line) => `${line}${newline}`).join('');
  const isEmpty = text.replace(/^\ufeff/, '') === '';
  const gap = isEmpty ? '' : text.endsWith('\n') ? newline : `${newline}${newline}`;
  return putBlock(text, markers, block, (rest, own) => `${rest}${gap}${own}`);
}

/** The text without the block and the empty line before it that came with it. */
export function cutBlock(text: string, markers: Markers): string {
  const found = findBlock(text, markers);
  if (!found) return text;
  const before = text.slice(0, found.from);
  return before.replace(/(\n)\r?\n$/, '$1') + text.slice(found.to);
}

/** The same; null where there was a block and nothing else. */
export function removeBlock(text: string, markers: Markers): string | null {
  const rest = cutBlock(text, markers);
  return rest !== text && rest.replace(/^\ufeff/, '').trim() === '' ? null : rest;
}

/** From the first character of the begin line to after the newline of the end line. */
function findBlock(text: string, { begin, end }: Markers): { from: number; to: number } | null {
  const from = text.indexOf(begin);
  const last = from < 0 ? -1 : text.indexOf(end, from);
  if (last < 0) return null;
  const newline = text.indexOf('\n', last);
  return { from, to: newline < 0 ? text.length : newline + 1 };
}
