/** Characters of what is no Error. */
const MAX_OTHER = 300;

/** Of file systems in WebAssembly, which throw numbers of their own: those that a disk gives. */
const WASM_ERRORS: Readonly<Record<number, string>> = {
  2: 'EACCES: permission denied',
  19: 'EDQUOT: disk quota exceeded, no space left',
  29: 'EIO: input or output error',
  33: 'EMFILE: too many open files',
  51: 'ENOSPC: no space left on the disk',
  63: 'EPERM: operation not permitted',
  69: 'EROFS: the disk can only be read',
};

/** What an error says, in one line: libraries also throw what is no Error, and errors whose message is in their parts. */
export function wordError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordError).join('; ');
  if (error instanceof Error) return oneLine(error.message) || oneLine(error.name);
  if (typeof error !== 'object' || error === null) return oneLine(String(error));
  const { message, errno } = error as { message?: unknown; errno?: unknown };
  const code = typeof errno === 'number' ? WASM_ERRORS[errno] : undefined;
  if (code !== undefined) return code;
  return typeof message === 'string' && message !== '' ? oneLine(message) : writeJson(error);
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

function writeJson(value: object): string {
  try {
    return JSON.stringify(value).slice(0, MAX_OTHER);
  } catch {
    return 'an error that can not be read';
  }
}
