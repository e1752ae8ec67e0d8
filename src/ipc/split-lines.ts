const NEWLINE = 0x0a;

/** Takes the rest of a line that is too long to be held. */
export interface LongLine {
  take(bytes: Buffer): void;
  /** The line has ended. */
  end(): void;
}

/** Takes the next bytes of a stream. */
export interface LineSplitter {
  (chunk: Buffer): void;
  /** The stream has ended: what came behind the last newline is a line too. */
  end(): void;
}

/**
 * Cuts a stream of bytes into its lines, each with its newline, whatever the chunks.
 * @param maxBytes of a line that is held, its newline not counted
 * @param onLongLine is given the beginning of a longer line, and returns what takes the rest of it up to and without the
 *   newline; without it the line is dropped, so that a stream without newlines can't fill the memory
 */
export function createLineSplitter(
  onLine: (line: Buffer) => void,
  maxBytes: number,
  onLongLine: (begin: Buffer) => LongLine | undefined,
): LineSplitter {
  let parts: Buffer[] = [];
  let length = 0;
  let longLine: LongLine | undefined;
  let isLong = false;

  /** Bytes of one line. */
  function take(bytes: Buffer): void {
    if (isLong) {
      longLine?.take(bytes);
      return;
    }
    parts.push(bytes);
    length += bytes.length;
    if (length <= maxBytes) return;
    isLong = true;
    longLine = onLongLine(Buffer.concat(parts));
    parts = [];
  }

  function end(newline: Buffer): void {
    if (isLong) longLine?.end();
    else onLine(Buffer.concat([...parts, newline]));
    parts = [];
    length = 0;
    longLine = undefined;
    isLong = false;
  }

  function split(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      const isWhole = length === 0 && !isLong && at - start <= maxBytes;
      if (!isWhole) {
        take(chunk.subarray(start, at));
        end(chunk.subarray(at, at + 1));
      } else if (at > start) onLine(chunk.subarray(start, at + 1));
      start = at + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }

  return Object.assign(split, {
    end: () => {
      if (length > 0 || isLong) end(Buffer.from([NEWLINE]));
    },
  });
}
