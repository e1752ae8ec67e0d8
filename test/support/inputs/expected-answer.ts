/** What JSON-RPC 2.0 makes of a line: the id of its answer as JSON, `null` for an answer without one, none at all. */
export type ExpectedAnswer = { id: string } | 'unnamed' | 'none';

/** Which answer a server owes to a line: told from the line alone, by other means than the server's. */
export function expectAnswer(line: string): ExpectedAnswer {
  if (line.trim() === '') return 'none';
  let message: unknown;
  try {
    message = JSON.parse(line.replace(/^\ufeff/, ''));
  } catch {
    return 'unnamed';
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return 'unnamed';
  const { id } = message as { id?: unknown };
  const has = (name: string) => Object.hasOwn(message, name);
  const isRequest = typeof (message as { method?: unknown }).method === 'string';
  // A notification, or an answer to a request that the server never made.
  if (isRequest ? !has('id') : has('result') || has('error')) return 'none';
  return typeof id === 'string' || Number.isSafeInteger(id) ? { id: JSON.stringify(id) } : 'unnamed';
}
