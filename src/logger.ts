import { type Logger, pino } from 'pino';
import { AppError } from './errors.js';

export type { Logger };

/** What telemetry adds to log lines. */
export interface LogTap {
  /** Fields of the line that is being written: the ids of the active span. */
  fields(): Record<string, string>;
  /** A line that was written. */
  line(text: string): void;
}

/** stderr, and a tap beside it. */
interface TappedStream {
  tap: LogTap | null;
  write(line: string): void;
  flushSync(): void;
}

/**
 * A logger that writes JSON lines to stderr: stdout belongs to the protocol.
 * @param mask takes secrets out of each line
 */
export function createLogger(level: string, name: string, mask = (line: string): string => line): Logger {
  const stderr = pino.destination({ dest: 2, sync: true });
  const stream: TappedStream = {
    tap: null,
    write(written) {
      const line = mask(written);
      stderr.write(line);
      stream.tap?.line(line);
    },
    flushSync: () => stderr.flushSync(),
  };
  const mixin = () => stream.tap?.fields() ?? {};
  return pino({ level, name, base: { pid: process.pid }, mixin, serializers: { err: describeError } }, stream);
}

/**
 * An expected failure says what it is, and needs no stack. ioredis adds to an error the command with all its arguments: the
 * password of AUTH, the payload of a job; its name is kept.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof AppError) {
    const { code, message, fix, retryable } = error;
    return { type: 'AppError', code, message, fix, retryable };
  }
  const described = pino.stdSerializers.err(error);
  for (const each of [described, ...(described.aggregateErrors ?? [])]) {
    const { command } = each;
    if (typeof command === 'object' && command !== null) each.command = { name: command.name };
  }
  return described;
}

/**
 * Puts a tap on a logger of `createLogger` and on its children; on any other logger it does nothing.
 * @returns how to take it off
 */
export function tapLogger(logger: Logger, tap: LogTap): () => void {
  const stream = (logger as unknown as Record<symbol, TappedStream | undefined>)[pino.symbols.streamSym];
  if (stream?.tap !== null) return () => undefined;
  stream.tap = tap;
  return () => {
    stream.tap = null;
  };
}
