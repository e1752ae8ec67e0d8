import { connect } from 'node:net';
import { decodeControl, encodeControl, type HookRequest, type HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';

/** `absent`: no process listens. `silent`: one listens, but gave no verdict in time. */
export type GuardAnswer = HookVerdict | 'absent' | 'silent';

/** Asks one endpoint after the other until one gives a verdict. @param timeoutMs for all of them together */
export async function askGuard(
  endpoints: readonly Endpoint[],
  request: HookRequest,
  timeoutMs: number,
): Promise<GuardAnswer> {
  const deadline = performance.now() + timeoutMs;
  let outcome: 'absent' | 'silent' = 'absent';
  for (const endpoint of endpoints) {
    const answer = await ask(endpoint.path, request, deadline - performance.now());
    if (answer === 'absent') endpoint.forget();
    else if (answer === 'silent') outcome = 'silent';
    else if (!answer.elsewhere) return answer;
  }
  return outcome;
}

function ask(path: string, request: HookRequest, timeoutMs: number): Promise<GuardAnswer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let received = '';
    const finish = (answer: GuardAnswer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish('silent'), Math.max(timeoutMs, 1));
    let connected = false;
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('error', () => finish(connected ? 'silent' : 'absent'));
    // The server is ending, or is an older one, which knows no hooks.
    socket.on('close', () => finish('silent'));
    socket.on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\n');
      if (end < 0) return;
      const verdict = decodeControl(Buffer.from(received.slice(0, end)));
      finish(verdict?.popstash === 'verdict' ? verdict : 'silent');
    });
    socket.write(encodeControl(request));
  });
}
