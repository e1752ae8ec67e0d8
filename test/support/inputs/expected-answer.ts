/** What JSON-RPC 2.0 makes of a message: the id of its answer as JSON, `null` for an answer without one, none at all. */
export type ExpectedAnswer = { id: string } | 'unnamed' | 'none';

/** Messages of one batch. */
const MAX_BATCH = 100;

/** Which answers a server owes to a line, one for each message: told from the line alone, by other means than the server's. */
export function expectAnswers(line: string): ExpectedAnswer[] {
  const text = line.replace(/^\ufeff/, '');
  if (text.trim() === '') return [];
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return ['unnamed'];
  }
  if (!Array.isArray(message)) return [expectOne(message)];
  return message.length === 0 || message.length > MAX_BATCH ? ['unnamed'] : message.map(expectOne);
}

function expectOne(message: unknown): ExpectedAnswer {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return 'unnamed';
  const { id } = message as { id?: unknown };
  const has = (name: string) => Object.hasOwn(message, name);
  const isRequest = typeof (message as { method?: unknown }).method === 'string';
  // A notification, or an answer to a request that the server never made.
  if (isRequest ? !has('id') : has('result') || has('error')) return 'none';
  return typeof id === 'string' || Number.isSafeInteger(id) ? { id: JSON.stringify(id) } : 'unnamed';
}
