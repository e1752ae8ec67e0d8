// @ts-check
// What the demo writes to the terminal: short lines, colours on a terminal only.
import stringWidth from 'string-width';

/** Lines are kept within it. */
const COLUMNS = 80;

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
/** @param {string} code @param {string} text */
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

/** @param {string} text */
export const bold = (text) => paint('1', text);
/** @param {string} text */
export const dim = (text) => paint('2', text);
/** @param {string} text */
export const green = (text) => paint('32', text);
/** @param {string} text */
export const red = (text) => paint('31', text);

export const say = (text = '') => void process.stdout.write(`${text}\n`);
/** @param {string} title */
export const step = (title) => say(`\n${bold(title)}`);

/** @param {number} value */
export const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** An answer of a tool, with the time that it took. @param {string} text @param {number} took */
export function answer(text, took) {
  const time = ms(took);
  const isLong = stringWidth(text) + time.length > COLUMNS - 8;
  say(`      ${text}${isLong ? '\n      ' : '  '}${dim(time)}`);
}

/** The start of a text, so that a line with `before` other columns stays within the width. @param {string} text @param {number} before */
export function clip(text, before) {
  const length = COLUMNS - before;
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Text on the left, a figure on the right end of the line. @param {string} left @param {string} right */
export function sayRow(left, right) {
  say(`${left}${' '.repeat(Math.max(1, COLUMNS - stringWidth(left) - stringWidth(right)))}${dim(right)}`);
}

/**
 * A text of several lines, broken between words at the width.
 * @param {string} text @param {string} first before its first line @param {string} rest before all others
 */
export function sayWrapped(text, first, rest) {
  let before = first;
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && stringWidth(`${before}${line} ${word}`) > COLUMNS) {
        say(`${before}${line}`);
        before = rest;
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    say(`${before}${line}`);
    before = rest;
  }
}
