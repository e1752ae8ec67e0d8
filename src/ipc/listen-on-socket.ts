import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on a Unix socket that only this user may open, or on a named pipe on Windows. A socket that is there already
 * is replaced: the caller makes sure that it belongs to a process that died.
 * @param onError is told when the socket fails later
 * @throws the listening error (EACCES, ENOENT …) as Node gives it
 */
export async function listenOnSocket(
  path: string,
  onConnection: (socket: Socket) => void,
  onError: (error: Error) => void,
): Promise<Server> {
  const server = createServer(onConnection);
  if (process.platform !== 'win32') rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', onError);
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return server;
}
