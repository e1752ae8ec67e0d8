import { type Logger, pino } from 'pino';

export type { Logger };

/** A logger that writes JSON lines to stderr: stdout belongs to the protocol. */
export function createLogger(level: string, name: string): Logger {
  return pino({ level, name, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
}
