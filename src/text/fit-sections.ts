import { createTokenMeter, estimateTokens } from './estimate-tokens.js';
import { closeQuotation } from './quote-text.js';

/** A heading with lines below it, the most important first. */
export interface Section {
  /** Left out where no line is shown. */
  heading: string | null;
  lines: string[];
  /** How many more there are besides these lines. */
  more?: number;
  /** Tells how many were left out. */
  rest?(count: number): string;
}

export interface FittedText {
  /** Told in any case, at most MAX_ALWAYS_TOKENS of each; the last of them is at the end. */
  always: string[];
  sections: Section[];
}

/** Tokens of the line that tells how many were left out. */
const REST_TOKENS = 20;
const MAX_ALWAYS_TOKENS = 150;

/** Joins sections within a budget of estimated tokens. Each gets an equal share of what is left when its turn comes. */
export function fitSections(maxTokens: number, { always, sections }: FittedText): string {
  const fixed = always.map((line) => cut(line, MAX_ALWAYS_TOKENS));
  let left = maxTokens - countTokens(fixed);
  const shown = sections.map((section, index) => {
    const lines = fitLines(section, left / (sections.length - index));
    left -= countTokens(lines);
    return lines;
  });
  return [...fixed.slice(0, -1), ...shown.flat(), ...fixed.slice(-1)].join('\n');
}

function fitLines({ heading, lines, more = 0, rest }: Section, maxTokens: number): string[] {
  const fixed = heading === null ? [] : [heading];
  let left = maxTokens - countTokens(fixed);
  const shown: string[] = [];
  for (const [index, line] of lines.entries()) {
    const spare = index === lines.length - 1 && more === 0 ? 0 : REST_TOKENS;
    // The first may be cut: a part of it is better than nothing.
    const fitting = index === 0 ? cut(line, left - spare) : line;
    if (countTokens([fitting]) > left - spare) break;
    shown.push(fitting);
    left -= countTokens([fitting]);
  }
  const count = lines.length - shown.length + more;
  const told = count > 0 && rest && left >= REST_TOKENS ? [rest(count)] : [];
  return shown.length + told.length === 0 ? [] : [...fixed, ...shown, ...told];
}

function cut(line: string, maxTokens: number): string {
  const meter = createTokenMeter(line);
  if (maxTokens < 3 || meter.fits(maxTokens - 1)) return line;
  return closeQuotation(`${createTokenMeter(line).cut(maxTokens - 3)}…`);
}

/** Each line with its break. */
function countTokens(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + estimateTokens(line) + 1, 0);
}
