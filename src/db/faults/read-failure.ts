/** What an error of a database, of its driver or of Prisma says, by the same names. */
export interface Failure {
  /** SQLSTATE, or a code of Node or OpenSSL; '' when there is none. */
  code: string;
  message: string;
  syscall?: string | undefined;
  /** The function of PostgreSQL that raised it: unlike the message it is the same in every language. */
  routine?: string | undefined;
}

interface ErrorLike {
  name?: string;
  code?: unknown;
  message?: string;
  syscall?: string;
  routine?: string;
  errors?: readonly unknown[];
  meta?: { driverAdapterError?: { cause?: AdapterCause } };
}

/** What Prisma's adapter for `pg` makes of an error. */
interface AdapterCause {
  kind?: string;
  originalCode?: string;
  originalMessage?: string;
  reason?: string;
}

/** Kinds of the adapter that carry no code. */
const ADAPTER_KINDS: Readonly<Record<string, string>> = {
  DatabaseNotReachable: 'ECONNREFUSED',
  ConnectionClosed: 'ECONNRESET',
  SocketTimeout: 'ETIMEDOUT',
  TlsConnectionError: 'ERR_TLS_CONNECTION',
};

/** Unwraps what Node (several addresses of one host) and Prisma wrap. */
export function readFailure(error: unknown): Failure {
  const e = (error ?? {}) as ErrorLike;
  const adapter = e.meta?.driverAdapterError?.cause;
  if (adapter) {
    const code = adapter.originalCode ?? ADAPTER_KINDS[adapter.kind ?? ''] ?? '';
    return { code, message: adapter.originalMessage ?? adapter.reason ?? lastLine(e.message ?? '') };
  }
  const [first] = e.errors ?? [];
  // An AggregateError has no message of its own.
  if (first !== undefined && !e.message) return readFailure(first);
  const { message = '', syscall, routine } = e;
  return { code: typeof e.code === 'string' ? e.code : '', message: lastLine(message), syscall, routine };
}

/** Prisma shows code above its reason. */
function lastLine(message: string): string {
  return message.trimEnd().split('\n').at(-1) ?? '';
}
