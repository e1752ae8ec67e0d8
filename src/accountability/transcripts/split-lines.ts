const NEWLINE = 10;

/**
 * Calls `visit` with each whole line of a buffer that holds one of the markers, in order, without its newline. Lines without
 * a marker are passed over at the speed of a byte search.
 * @param range from the start of a line to the end of the last whole line, its newline included
 */
export function visitMarkedLines(
  buffer: Buffer,
  { start: first, end }: { start: number; end: number },
  markers: readonly Buffer[],
  visit: (line: Buffer) => void,
): void {
  const searches = markers.map((marker) => ({ marker, next: buffer.indexOf(marker, first) }));
  let position = first;
  while (position < end) {
    let hit = end;
    for (const search of searches) {
      if (search.next >= 0 && search.next < position) search.next = buffer.indexOf(search.marker, position);
      if (search.next >= 0 && search.next < hit) hit = search.next;
    }
    if (hit >= end) return;
    const start = Math.max(position, buffer.lastIndexOf(NEWLINE, hit) + 1);
    const stop = buffer.indexOf(NEWLINE, hit);
    visit(buffer.subarray(start, stop));
    position = stop + 1;
  }
}

/** The end of the last whole line within the first `length` bytes, its newline included; 0 if there is none. */
export function endOfLines(buffer: Buffer, length: number): number {
  return length === 0 ? 0 : buffer.lastIndexOf(NEWLINE, length - 1) + 1;
}
