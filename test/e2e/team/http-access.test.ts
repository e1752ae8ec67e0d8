import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../support/postgres/certificates.js';
import { runCommand } from '../../support/processes/processes.js';
import { createToken, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';
import { createFolder } from '../../support/setup/folders.js';
import { testServices } from '../../support/setup/services.js';
import { waitUntil } from '../../support/setup/wait-until.js';

let database: TestDatabase;
let env: Record<string, string>;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, REDIS_URL: testServices().redisUrl, POPSTASH_HTTP_RATE: '5' };
  url = (await startTeamServer(env)).url;
});

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
};

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** By node:http, which sends any Host and Origin that it is given. @param body null: the headers alone */
function send(
  headers: Record<string, string>,
  body: unknown = INITIALIZE,
  path = '/mcp?project=team',
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const usual = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method: 'POST', headers: { ...usual, ...headers } };
    const asking = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        asking.destroy();
      });
    });
    asking.on('error', reject);
    if (body === null) asking.flushHeaders();
    else asking.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('who reaches the HTTP server of a team', () => {
  it('a token, which is shown once and stored as a hash; revoked, it is refused at once', async () => {
    const token = await createToken(env, 'anna', '--expires', '90d');
    expect((await send(bearer(token))).status).toBe(200);
    expect((await send({})).status).toBe(401);
    expect((await send(bearer(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`))).status).toBe(401);

    const { rows } = await database.pool.query<{ row: string; id: string }>(
      'SELECT row_to_json(t)::text AS row, id FROM access_tokens t',
    );
    expect(rows[0]?.row).toMatch(/"hash":"[0-9a-f]{64}"/);
    expect(JSON.stringify(rows)).not.toContain(token.split('_')[2]);
    const listed = await runCommand(['tokens', 'list', '--json'], { env });
    expect(JSON.parse(listed.stdout).tokens).toMatchObject([
      { person: 'anna', valid: true, last_used_at: expect.any(String) },
    ]);
    expect(listed.stdout).not.toContain(token.split('_')[2]);

    expect((await runCommand(['tokens', 'revoke', 'anna'], { env })).stdout).toContain('Revoked');
    await waitUntil(async () => (await send(bearer(token))).status === 401, 'the token to be refused', {
      timeoutMs: 5_000,
    });
    expect((await runCommand(['tokens', 'revoke', 'anna'], { env })).code).toBe(1);
  });

  it('an expired token is refused', async () => {
    const token = await createToken(env, 'late', '--expires', '1h');
    await database.pool.query(
      "UPDATE access_tokens SET expires_at = now() - interval '1 second' WHERE person = 'late'",
    );
    expect((await send(bearer(token))).status).toBe(401);
  });

  it('no foreign Host and no foreign Origin, whatever the token', async () => {
    const known = bearer(await createToken(env, 'host'));
    const { host } = new URL(url);
    expect((await send({ ...known, host: 'evil.example' })).status).toBe(403);
    expect((await send({ ...known, origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ ...known, origin: 'null' })).status).toBe(403);
    expect((await send({ ...known, origin: `http://${host}` })).status).toBe(200);
  });

  it('no session of another member', async () => {
    const [hers, his] = await Promise.all([createToken(env, 'one'), createToken(env, 'two')]);
    const session = String((await send(bearer(hers))).headers['mcp-session-id']);
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
    expect((await send({ ...bearer(his), 'mcp-session-id': session }, list)).status).toBe(404);
    expect((await send({ ...bearer(hers), 'mcp-session-id': session }, list)).status).toBe(200);
  });

  it('no body of more than the longest line, nothing that is no JSON, and no agent without a project', async () => {
    const known = bearer(await createToken(env, 'size'));
    expect((await send({ ...known, 'content-length': String(8 * 1024 * 1024) }, null)).status).toBe(413);
    expect((await send(known, '{')).status).toBe(400);
    const nameless = await send(known, INITIALIZE, '/mcp');
    expect([nameless.status, nameless.body]).toEqual([400, expect.stringContaining('Popstash-Project')]);
  });

  it('no more requests than the rate allows: the next one may come when Retry-After says', async () => {
    const known = bearer(await createToken(env, 'fast'));
    const answers = await Promise.all(Array.from({ length: 120 }, () => send(known, { jsonrpc: '2.0' })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    const strangers = await Promise.all(Array.from({ length: 60 }, () => send(bearer('pst_guess'))));
    expect(strangers.map(({ status }) => status)).toContain(429);
  });

  it('serves TLS with the certificate that it is given', async () => {
    const { authority, good } = makeCertificates();
    const folder = createFolder();
    writeFileSync(join(folder, 'server.crt'), good.certificate);
    writeFileSync(join(folder, 'server.key'), good.key);
    const tls = {
      POPSTASH_HTTP_TLS_CERT: join(folder, 'server.crt'),
      POPSTASH_HTTP_TLS_KEY: join(folder, 'server.key'),
    };
    const secure = await startTeamServer({ ...env, ...tls });
    expect(secure.url).toMatch(/^https:/);
    const { port } = new URL(secure.url);
    const status = await new Promise((resolve, reject) => {
      const options = { host: 'localhost', port, path: '/healthz', ca: readFileSync(authority) };
      get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
  });
});
