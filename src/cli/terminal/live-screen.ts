/** A terminal's screen that is drawn again and again. */
export interface LiveScreen {
  /** Shows lines from the top; those that have no room are left out. */
  draw(text: string): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Of a terminal that does not say how high it is. */
const DEFAULT_ROWS = 24;

/** Takes the terminal's second screen, so that what was there before is there again at the end, however the process ends. */
export function openLiveScreen(stream: NodeJS.WriteStream): LiveScreen {
  let isOpen = true;
  const close = () => {
    if (isOpen) stream.write(LEAVE);
    isOpen = false;
    process.off('exit', close);
  };
  process.on('exit', close);
  stream.write(ENTER);
  return {
    draw(text) {
      const lines = text.split('\n').slice(0, (stream.rows || DEFAULT_ROWS) - 1);
      stream.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\n')}\n${CLEAR_BELOW}`);
    },
    close,
  };
}
