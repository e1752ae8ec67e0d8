import { connect } from 'node:net';
import { decodeControl, encodeControl, type HookRequest, type HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';

/** `absent`: nobody who could know listens. `silent`: somebody listens, but gave no verdict in time. */
export type GuardAnswer = HookVerdict | 'absent' | 'silent';

/** Asks one after the other until somebody has a verdict. @param timeoutMs for all of them together */
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
    const settle = (answer: GuardAnswer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => settle('silent'), Math.max(timeoutMs, 1));
    let connected = false;
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('error', () => settle(connected ? 'silent' : 'absent'));
    // A server that is ending, or an older one, which knows no hooks.
    socket.on('close', () => settle('silent'));
    socket.on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\n');
      if (end < 0) return;
      const verdict = decodeControl(Buffer.from(received.slice(0, end)));
      settle(verdict?.popstash === 'verdict' ? verdict : 'silent');
    });
    socket.write(encodeControl(request));
  });
}
