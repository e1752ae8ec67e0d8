import { HEADER_BYTES, type PreparedStatement, readText } from './pglite-protocol.js';

/** A request whose statement has a name. */
export interface NamedRequest {
  /** With the session's name. */
  bytes: Buffer;
  /** The Parse message that it begins with: needed only while the statement is not prepared. */
  parse: { statement: PreparedStatement; length: number } | undefined;
}

export interface Statements {
  /**
   * Replaces a client's name for a statement by the session's.
   * @param names what this client calls its statements; kept by it, changed here
   */
  rename(bytes: Buffer, names: Map<string, PreparedStatement>): NamedRequest;
}

/** Several pools may share a session. */
let lastSerial = 0;

const CODE = { parse: 0x50, bind: 0x42 } as const;

/**
 * The prepared statements of all clients of one session. Each client names its own; the session knows every text once,
 * so names never clash, and a text is parsed and planned once for all clients.
 */
export function createStatements(): Statements {
  lastSerial += 1;
  const prefix = `s${lastSerial}_`;
  const byText = new Map<string, PreparedStatement>();

  function intern(text: string): PreparedStatement {
    const known = byText.get(text);
    if (known) return known;
    const statement = { name: `${prefix}${byText.size}`, isPrepared: false };
    byText.set(text, statement);
    return statement;
  }

  return {
    rename(bytes, names) {
      const parts: Buffer[] = [];
      let parse: NamedRequest['parse'];
      let from = 0;
      for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
        const end = at + 1 + bytes.readUInt32BE(at + 1);
        const code = bytes[at];
        if (code === CODE.parse || code === CODE.bind) {
          // Parse: name, text, types. Bind: portal, name, values.
          const nameFrom = code === CODE.parse ? at + HEADER_BYTES : bytes.indexOf(0, at + HEADER_BYTES) + 1;
          const nameTo = bytes.indexOf(0, nameFrom);
          const name = bytes.toString('utf8', nameFrom, nameTo);
          if (name !== '') {
            if (code === CODE.parse) names.set(name, intern(readText(bytes, nameTo + 1)));
            const statement = names.get(name);
            const own = Buffer.from(statement?.name ?? name);
            const header = Buffer.from(bytes.subarray(at, at + HEADER_BYTES));
            header.writeUInt32BE(header.readUInt32BE(1) + own.length - (nameTo - nameFrom), 1);
            parts.push(bytes.subarray(from, at), header, bytes.subarray(at + HEADER_BYTES, nameFrom), own);
            parts.push(bytes.subarray(nameTo, end));
            from = end;
            if (statement && code === CODE.parse && at === 0) {
              parse = { statement, length: header.readUInt32BE(1) + 1 };
            }
          }
        }
        at = end;
      }
      if (parts.length === 0) return { bytes, parse };
      return { bytes: Buffer.concat([...parts, bytes.subarray(from)]), parse };
    },
  };
}
