import { join } from 'node:path';

/** Between clients and the receiver of their telemetry, unless POPSTASH_RECEIVER_PORT says otherwise. */
export const RECEIVER_PORT = 4411;

/** Tells the receiver's address from that of a collector of the user's own. */
const PREFIX = '/popstash';
const OURS = /^http:\/\/127\.0\.0\.1:\d+\/popstash(?:\/|$)/;

/** The address that clients' settings have; a signal's path comes after it. */
export function receiverUrl(port: number): string {
  return `http://127.0.0.1:${port}${PREFIX}`;
}

/** Whether an address in somebody's settings is a receiver's, whatever its port. */
export function isReceiverUrl(url: unknown): boolean {
  return typeof url === 'string' && OURS.test(url);
}

/** The path of a signal, with or without what precedes it in our addresses. */
export function signalPath(path: string): string {
  return path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length) : path;
}

/** The file whose presence says that the user wants the clients' telemetry received; it names the port. */
export function receiverFile(dataDir: string): string {
  return join(dataDir, 'receiver.json');
}
