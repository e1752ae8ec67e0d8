import { AppError } from '../../errors.js';
import { GlobError } from '../../globs/glob-error.js';
import { maskSecrets } from '../../text/mask-secrets.js';

const MAX_SHOWN = 80;

/**
 * Reads a path or glob of a caller.
 * @param where the argument that it stands in, to begin the message with
 * @throws AppError `invalid_argument` naming the text (shortened) and what to write instead
 */
export function explainFault<T>(where: string, text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    const { problem, fix } = error;
    throw new AppError({
      code: 'invalid_argument',
      message: `${where}Pattern ${showText(text)} ${problem}.`,
      fix,
      cause: error,
    });
  }
}

/** Without secrets; as JSON, which escapes control characters and halves of surrogate pairs. */
function showText(text: string): string {
  const chars = Array.from(maskSecrets(text).slice(0, 2 * MAX_SHOWN + 2));
  return JSON.stringify(chars.length > MAX_SHOWN ? `${chars.slice(0, MAX_SHOWN).join('')}…` : chars.join(''));
}
