const NEWLINE = 0x0a;

/**
 * The largest message that a client may send; tools take 256 KB of text, which JSON may make six times as long. A text
 * far over its limit still gets a typed error; the SDK's own limit of 10 MB ends in silence.
 */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** The answer to a longer one; its id was not read. */
export const TOO_LONG = `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"A message may have ${MAX_LINE_BYTES} bytes."}}\n`;

/**
 * Cuts a stream of bytes into its lines, each with its newline, whatever the chunks.
 * @param maxBytes a longer line is dropped and reported once, so that a stream without newlines can't fill the memory
 */
export function createLineSplitter(
  onLine: (line: Buffer) => void,
  maxBytes: number,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let dropping = false;

  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const tail = chunk.subarray(start, end + 1);
      const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
      if (!dropping && line.length > 1) onLine(line);
      parts = [];
      length = 0;
      dropping = false;
      start = end + 1;
    }
    if (start === chunk.length || dropping) return;
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length <= maxBytes) return;
    parts = [];
    dropping = true;
    onTooLong();
  };
}
