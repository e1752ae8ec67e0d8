import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeAtFileEnd } from '../setup/resources.js';

/** Passes requests on to a server with further headers, for programs that can't send them. @returns its address */
export async function addHeaders(target: string, headers: Record<string, string>): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers: sent } = incoming;
    const passed = request(new URL(incoming.url ?? '/', target), { method, headers: { ...sent, ...headers } });
    passed.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  closeAtFileEnd('proxy', () => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
