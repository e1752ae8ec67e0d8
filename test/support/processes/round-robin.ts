import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeAtFileEnd } from '../setup/resources.js';

/** A proxy in front of several servers: each request goes to the next one, and past those that refuse the connection. */
export async function startRoundRobin(urls: readonly string[]): Promise<string> {
  let next = 0;
  const server: Server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => pass(urls.length));

    function pass(tries: number): void {
      const target = new URL(incoming.url ?? '/', urls[next++ % urls.length]);
      const asking = request(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
      });
      asking.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && tries > 1) return pass(tries - 1);
        if (outgoing.headersSent) return outgoing.destroy();
        outgoing.writeHead(502).end();
      });
      outgoing.on('close', () => asking.destroy());
      asking.end(Buffer.concat(parts));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAtFileEnd('round robin', () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
