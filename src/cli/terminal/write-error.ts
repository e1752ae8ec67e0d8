import { showControls } from '../../text/show-controls.js';
import { fitText } from './fit-text.js';
import { chooseWidth } from './terminal-width.js';

/** Writes lines to stderr, as wide as its terminal is, which nothing in them makes a terminal obey. */
export function writeError(text: string): void {
  process.stderr.write(`${fitText(showControls(text), chooseWidth(process.stderr, {}))}\n`);
}
