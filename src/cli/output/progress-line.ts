import { oneLine } from './show-text.js';
import { clipToWidth } from './write-columns.js';

/** Where progress is shown: stderr. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface ProgressLine {
  /** Says how far the work is. */
  update(text: string): void;
  /** Clears the line of a terminal. */
  end(): void;
}

/** A log gets a line at most this often, and none from work that is done sooner, in ms. */
const LOG_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[K';
/** Of a terminal that does not say how wide it is. */
const DEFAULT_COLUMNS = 80;

/** Shows how far work is: on a terminal in one line that is written over, elsewhere in a few lines. */
export function createProgressLine(stream: ProgressStream, now: () => number = () => performance.now()): ProgressLine {
  let lastAt = now();
  let isShown = false;
  return {
    update(said) {
      const text = oneLine(said);
      if (stream.isTTY) {
        stream.write(`${CLEAR_LINE}${clipToWidth(text, (stream.columns || DEFAULT_COLUMNS) - 1)}`);
        isShown = true;
      } else if (now() - lastAt >= LOG_EVERY_MS) {
        lastAt = now();
        stream.write(`${text}\n`);
      }
    },
    end() {
      if (isShown) stream.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
