import { showControls } from '../../text/show-controls.js';
import { fitText } from './fit-text.js';
import { writeStyles } from './paint.js';

/** Lines of an answer as a terminal of that width takes them: what of data it would obey is shown, our styles are not. */
export function fitForTerminal(text: string, width: number): string {
  return fitText(writeStyles(showControls(text)), width);
}
