// The published dashboard: refused without the token and from elsewhere, read-only with it.
import { request } from 'node:http';
import { check } from './report.mjs';

/** @returns the answer's status; node:http, since fetch would not send a foreign Host */
export function askDashboard(port, path, { method = 'GET', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    call.on('error', reject);
    call.end();
  });
}

/** @param ask (path, options) → status */
export async function checkDashboard(ask, token) {
  const bearer = { authorization: `Bearer ${token}` };
  const cases = [
    ['/healthz', 'no token needed', 200, {}],
    ['/queues', 'without token', 401, {}],
    ['/queues/api/queues', 'without token', 401, {}],
    ['/queues', 'with another token', 401, { headers: { authorization: 'Bearer not-the-token-of-this-stack' } }],
    ['/queues', 'with the token', 200, { headers: bearer }],
    ['/queues/api/queues', 'with the token', 200, { headers: bearer }],
    ['/queues', 'token, foreign Host', 403, { headers: { ...bearer, host: 'evil.example' } }],
    ['/queues', 'token, foreign Origin', 403, { headers: { ...bearer, origin: 'https://evil.example' } }],
    ['/queues/api/queues/embedding/pause', 'token, PUT', 405, { headers: bearer, method: 'PUT' }],
  ];
  for (const [path, what, expected, options] of cases) {
    const status = await ask(path, options);
    check(`dashboard ${path}, ${what}`, status, status === expected);
  }
}
