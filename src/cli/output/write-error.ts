import { showControls } from '../../text/show-controls.js';

/** Writes lines to stderr, which nothing in them makes a terminal obey. */
export function writeError(text: string): void {
  process.stderr.write(`${showControls(text)}\n`);
}
