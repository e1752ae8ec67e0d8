import { connect } from 'node:net';
import { decodeFromServer, encodeControl, type HookRequest, type HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';
import { readFirstLine } from '../../ipc/read-first-line.js';

/** `absent`: no process listens. `silent`: one listens, but gave no verdict in time. */
export type GuardAnswer = HookVerdict | 'absent' | 'silent';

/** A message that names many files and their holders. */
const MAX_VERDICT_BYTES = 1024 * 1024;

/** Asks one endpoint after the other until one gives a verdict. @param timeoutMs for all of them together */
export async function askGuard(
  endpoints: readonly Endpoint[],
  request: HookRequest,
  timeoutMs: number,
): Promise<GuardAnswer> {
  const deadline = performance.now() + timeoutMs;
  let outcome: 'absent' | 'silent' = 'absent';
  for (const endpoint of endpoints) {
    const left = deadline - performance.now();
    const answer = await (endpoint.ask?.(request, left) ?? ask(endpoint.path, request, left));
    if (answer === 'absent') endpoint.forget();
    else if (answer === 'silent') outcome = 'silent';
    else if (!answer.elsewhere) return answer;
  }
  return outcome;
}

async function ask(path: string, request: HookRequest, timeoutMs: number): Promise<GuardAnswer> {
  const socket = connect(path);
  let connected = false;
  socket.on('connect', () => {
    connected = true;
  });
  const reading = readFirstLine(socket, { timeoutMs, maxBytes: MAX_VERDICT_BYTES });
  socket.write(encodeControl(request));
  const said = await reading;
  socket.destroy();
  // Connected, but no line: a server that is ending, or an older one, which knows no hooks.
  if (said.line === null) return connected || said.reason === 'timeout' ? 'silent' : 'absent';
  const verdict = decodeFromServer(said.line);
  return verdict?.popstash === 'verdict' ? verdict : 'silent';
}
