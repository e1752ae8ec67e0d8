/**
 * The few messages of PostgreSQL's wire protocol that the embedded pool must read or write itself. Everything else is
 * left to `pg` on one side and to PGlite on the other, so results, types and errors are exactly those of a server.
 */

/** One byte of status at the end of every answer: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

export interface Answer {
  /** What the asking client gets: the answer without notifications. */
  bytes: Buffer;
  /** Null when the backend died without getting ready again. */
  status: TransactionStatus | null;
  failed: boolean;
  /** A statement was parsed. */
  parsed: boolean;
  notifications: { channel: string; bytes: Buffer }[];
  /** The statement took too long for its client: the session may still be at it. */
  isGivenUp?: boolean;
}

/** Of a message: its code and its length, which counts itself and what follows. */
export const HEADER_BYTES = 5;
const CODE = { query: 0x51, parse: 0x50, sync: 0x53, flush: 0x48, terminate: 0x58 } as const;
const REPLY = { ready: 0x5a, error: 0x45, notification: 0x41, parsed: 0x31 } as const;

/** A statement that the one session has prepared, or will. */
export interface PreparedStatement {
  /** The session's name for it. */
  readonly name: string;
  isPrepared: boolean;
}

/** A request as PostgreSQL answers it: all messages up to a Query, a Sync or a Flush. */
export interface Request {
  bytes: Buffer;
  /** SQL of its Query or Parse messages. */
  texts: string[];
  /** The named statement that it begins with, and the bytes of that message. */
  parse?: { statement: PreparedStatement; length: number } | undefined;
}

/** Cuts the bytes of a client into whole requests; `rest` waits for more bytes. */
export function takeRequests(input: Buffer): { requests: Request[]; rest: Buffer; terminated: boolean } {
  const requests: Request[] = [];
  let start = 0;
  let at = 0;
  let texts: string[] = [];
  while (at + HEADER_BYTES <= input.length) {
    const end = at + 1 + input.readUInt32BE(at + 1);
    if (end > input.length) break;
    const code = input[at];
    if (code === CODE.terminate) return { requests, rest: Buffer.alloc(0), terminated: true };
    if (code === CODE.query) texts.push(readText(input, at + HEADER_BYTES));
    if (code === CODE.parse) texts.push(readText(input, input.indexOf(0, at + HEADER_BYTES) + 1));
    at = end;
    if (code === CODE.query || code === CODE.sync || code === CODE.flush) {
      requests.push({ bytes: input.subarray(start, end), texts });
      texts = [];
      start = end;
    }
  }
  return { requests, rest: input.subarray(start), terminated: false };
}

/** Reads what the backend answered: its status, and the notifications, which belong to the clients that listen. */
export function readAnswer(output: Buffer): Answer {
  const answer: Answer = { bytes: output, status: null, failed: false, parsed: false, notifications: [] };
  const kept: Buffer[] = [];
  let keptFrom = 0;
  for (let at = 0; at + HEADER_BYTES <= output.length; ) {
    const end = at + 1 + output.readUInt32BE(at + 1);
    const code = output[at];
    if (code === REPLY.ready) answer.status = String.fromCharCode(output[at + HEADER_BYTES] ?? 0) as TransactionStatus;
    else if (code === REPLY.error) answer.failed = true;
    else if (code === REPLY.parsed) answer.parsed = true;
    else if (code === REPLY.notification) {
      // Int32 process id, then the channel and the payload.
      answer.notifications.push({ channel: readText(output, at + HEADER_BYTES + 4), bytes: output.subarray(at, end) });
      kept.push(output.subarray(keptFrom, at));
      keptFrom = end;
    }
    at = end;
  }
  if (kept.length > 0) answer.bytes = Buffer.concat([...kept, output.subarray(keptFrom)]);
  return answer;
}

export function queryMessage(sql: string): Buffer {
  return message('Q', Buffer.from(`${sql}\0`));
}

export function readyMessage(status: TransactionStatus): Buffer {
  return message('Z', Buffer.from(status));
}

export function parsedMessage(): Buffer {
  return message('1', Buffer.alloc(0));
}

export function completeMessage(tag: string): Buffer {
  return message('C', Buffer.from(`${tag}\0`));
}

export function errorMessage(code: string, text: string): Buffer {
  return message('E', Buffer.from(`SERROR\0VERROR\0C${code}\0M${text}\0\0`));
}

/** What a server says after a client's first packet: no password wanted, its identity, ready. */
export function greeting(processId: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeUInt32BE(processId, 0);
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    message('S', Buffer.from('client_encoding\0UTF8\0')),
    message('K', key),
    readyMessage('I'),
  ]);
}

function message(code: string, body: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(code, 0, 'latin1');
  header.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

/** A text that ends with a zero byte. */
export function readText(bytes: Buffer, from: number): string {
  return bytes.toString('utf8', from, bytes.indexOf(0, from));
}

const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const SUBSCRIPTION = /^\s*(LISTEN|UNLISTEN)\s+(\*|"(?:[^"]|"")+"|[a-z_]\w*)\s*$/i;

export interface Subscription {
  kind: 'listen' | 'unlisten';
  /** `*` for all of them. */
  channel: string;
}

/** LISTEN and UNLISTEN in a text; the channel as PostgreSQL folds it. */
export function readSubscriptions(text: string): Subscription[] {
  if (!/listen/i.test(text)) return [];
  const found: Subscription[] = [];
  for (const statement of text.replace(COMMENTS, ' ').split(';')) {
    const [, verb, name] = SUBSCRIPTION.exec(statement) ?? [];
    if (verb === undefined || name === undefined) continue;
    const channel = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
    found.push({ kind: verb.toLowerCase() === 'listen' ? 'listen' : 'unlisten', channel });
  }
  return found;
}
