// The published server of a team: refused without a token and from elsewhere; two members with tokens exclude each other.
import { request } from 'node:http';
import { check } from './report.mjs';

/** @returns {Promise<{ status: number, headers: object, body: string }>} */
function post(port, body, headers) {
  const usual = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: '/mcp?project=proof',
      method: 'POST',
      headers: { ...usual, ...headers },
    };
    const call = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}

const clientInfo = { name: 'proof', version: '0' };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
};

/** An agent of a member, by plain requests. */
async function connect(port, token) {
  const bearer = { authorization: `Bearer ${token}` };
  const session = (await post(port, INITIALIZE, bearer)).headers['mcp-session-id'];
  const headers = { ...bearer, 'mcp-session-id': session };
  await post(port, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  return async (name, args) => {
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: args } };
    const { body } = await post(port, call, headers);
    return JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? body).result.structuredContent;
  };
}

/** @param stack of compose-stack.mjs */
export async function checkTeam(stack) {
  const port = stack.ports.http;
  const makeToken = async (name) =>
    JSON.parse(await stack.exec('http', 'popstash', 'tokens', 'create', name, '--json')).token;
  const [anna, ben] = [await makeToken('anna'), await makeToken('ben')];
  const bearer = { authorization: `Bearer ${anna}` };
  for (const [what, expected, headers] of [
    ['without token', 401, {}],
    ['with another token', 401, { authorization: 'Bearer pst_0000000000000000_none' }],
    ['with a token', 200, bearer],
    ['token, foreign Host', 403, { ...bearer, host: 'evil.example' }],
    ['token, foreign Origin', 403, { ...bearer, origin: 'https://evil.example' }],
  ]) {
    const { status } = await post(port, INITIALIZE, headers);
    check(`team server, ${what}`, status, status === expected);
  }
  const [hers, his] = [await connect(port, anna), await connect(port, ben)];
  await hers('start_task', { task: 'Hold it', files: ['src/a.ts'] });
  const { locks } = await his('start_task', { task: 'Take it', files: ['src/a.ts'] });
  const held = locks.conflicts[0]?.client;
  check("team server, a member's file that another one holds", `held by ${held}`, held === 'proof of anna');
  await stack.exec('http', 'popstash', 'tokens', 'revoke', 'anna');
  const { status } = await post(port, INITIALIZE, bearer);
  check('team server, revoked token', status, status === 401);
}
