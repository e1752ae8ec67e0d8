/** Characters of what is no Error. */
const MAX_OTHER = 300;

/** What an error says, in one line: libraries also throw what is no Error, and errors whose message is in their parts. */
export function wordError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordError).join('; ');
  if (error instanceof Error) return oneLine(error.message) || oneLine(error.name);
  if (typeof error !== 'object' || error === null) return oneLine(String(error));
  const { message } = error as { message?: unknown };
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
