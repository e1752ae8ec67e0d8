import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { AppError } from '../../errors.js';
import { compileGlob } from '../../globs/compile-pattern.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import type { Pattern } from '../../globs/pattern-types.js';
import { readPattern } from './read-pattern.js';

/**
 * Automaton states of all patterns of one call: a hundred ordinary globs need a third of them. Comparing two globs takes
 * time for each pair of their states.
 */
const MAX_STATES = 5_000;

/**
 * Parses paths and globs into the form that is stored and compared, each once.
 * @param name the argument, for errors
 * @param worktree folder that relative paths begin in
 * @throws AppError `invalid_argument` naming the entry, or that the patterns are too complex together
 */
export async function parsePatterns(name: string, texts: readonly string[], worktree: string): Promise<Pattern[]> {
  const foldsCase = detectCaseFolding(worktree);
  const byKey = new Map<string, Pattern>();
  let states = 0;
  for (const [index, text] of texts.entries()) {
    await yieldToEventLoop();
    try {
      const pattern = readPattern(text, { worktree, foldsCase });
      if (pattern.isGlob) states += compileGlob(pattern.key).rest.set.length;
      const key = `${pattern.isGlob} ${pattern.key}`;
      if (!byKey.has(key)) byKey.set(key, pattern);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, fix } = error;
      throw new AppError({ code, message: `${name}[${index}]: ${message}`, fix, cause: error });
    }
  }
  if (states > MAX_STATES) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${name}: together these patterns are too complex: they need ${states} states, and at most ${MAX_STATES} are allowed.`,
      fix: 'Give them in several calls, or wider ones such as whole folders.',
    });
  }
  return [...byKey.values()];
}
