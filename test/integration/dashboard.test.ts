import { request } from 'node:http';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDashboard } from '../../src/app/open-dashboard.js';
import { createDashboardApp } from '../../src/dashboard/dashboard-app.js';
import { type HttpListener, serveApp } from '../../src/http/serve-app.js';
import { jobs } from '../../src/jobs/job-list.js';
import { startRedis } from '../support/processes/servers.js';
import { createTestDatabase } from '../support/setup/database.js';
import { testServices } from '../support/setup/services.js';
import { waitUntil } from '../support/setup/wait-until.js';

const TOKEN = 'correct-horse-battery-staple';
let queue: Queue;
let dashboard: HttpListener;
let health = { queues: true };

beforeAll(async () => {
  const redis = await startRedis();
  queue = new Queue('embedding', { connection: { url: redis.url } });
  await queue.add('embedding', { passageIds: ['1'] });
  const app = createDashboardApp({
    queues: [queue],
    token: TOKEN,
    checkHealth: () => health,
    logger: pino({ level: 'silent' }),
  });
  dashboard = await serveApp(app, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await dashboard.close();
  await queue.close();
});

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

/** node:http rather than fetch, which would not send a foreign Host. */
function ask(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  port = dashboard.port,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    call.on('error', reject);
    call.end();
  });
}

const bearer = { authorization: `Bearer ${TOKEN}` };
const everyPath = ['/', '/queues', '/queues/', '/queues/api/queues', '/queues/queue/embedding', '/nothing'];

describe('the token', () => {
  it.each(everyPath)('is needed for %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toContain(TOKEN);
  });

  it.each([
    ['a wrong bearer', { authorization: 'Bearer wrong-token-of-some-length' }],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['the token itself as a cookie', { cookie: `popstash_1=${TOKEN}` }],
  ])('is not replaced by %s', async (_, headers) => {
    expect((await ask('/queues', headers)).status).toBe(401);
  });

  it('is refused when wrong in the address', async () => {
    const answer = await ask('/queues?token=wrong-token-of-some-length');
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('lets in as a bearer, to the page, its files and its data', async () => {
    const page = await ask('/queues', bearer);
    expect(page.status).toBe(200);
    const script = /src="(static\/js\/main[^"]+)"/.exec(page.body)?.[1];
    expect((await ask(`/queues/${script}`, bearer)).status).toBe(200);
    const data = await ask('/queues/api/queues?activeQueue=embedding', bearer);
    expect(JSON.parse(data.body)).toMatchObject({ queues: [{ name: 'embedding', readOnlyMode: true }] });
  });

  it('becomes a cookie once, and leaves the address', async () => {
    const first = await ask(`/queues?token=${TOKEN}&tab=waiting`);
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('/queues?tab=waiting');
    const set = String(first.headers['set-cookie']);
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).not.toContain(TOKEN);
    const cookie = set.split(';')[0] ?? '';
    expect((await ask('/queues/api/queues', { cookie })).status).toBe(200);
    expect((await ask('/queues/api/queues', { cookie: `${cookie}x` })).status).toBe(401);
  });
});

describe('requests from elsewhere', () => {
  it.each(['evil.example', 'localhost.evil.example:4410', '10.0.0.7:4410'])('Host %j is refused', async (host) => {
    expect((await ask('/queues', { ...bearer, host })).status).toBe(403);
    expect((await ask('/healthz', { host })).status).toBe(403);
  });

  it.each(['localhost:4410', '127.0.0.1:4410', '[::1]:4410'])('Host %j is served', async (host) => {
    expect((await ask('/queues', { ...bearer, host })).status).toBe(200);
  });

  it.each(['https://evil.example', 'http://localhost:3000', 'null'])('Origin %j is refused', async (origin) => {
    expect((await ask('/queues/api/queues', { ...bearer, origin })).status).toBe(403);
  });

  it('its own Origin is served', async () => {
    const host = `127.0.0.1:${dashboard.port}`;
    expect((await ask('/queues/api/queues', { ...bearer, host, origin: `http://${host}` })).status).toBe(200);
  });

  it('a page of another site can embed nothing, but may link here', async () => {
    const foreign = { ...bearer, 'sec-fetch-site': 'same-site' };
    expect((await ask('/queues/api/queues', { ...foreign, 'sec-fetch-mode': 'no-cors' })).status).toBe(403);
    const linked = await ask('/queues', { ...foreign, 'sec-fetch-mode': 'navigate' });
    expect(linked.status).toBe(200);
    expect(linked.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(linked.headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('read-only', () => {
  it.each([
    ['PUT', '/queues/api/queues/embedding/pause'],
    ['PUT', '/queues/api/queues/embedding/empty'],
    ['PUT', '/queues/api/queues/embedding/obliterate'],
    ['POST', '/queues/api/queues/embedding/add'],
    ['DELETE', '/queues/api/queues/embedding/1'],
  ])('%s %s changes nothing', async (method, path) => {
    expect((await ask(path, bearer, method)).status).toBe(405);
    expect(await queue.isPaused()).toBe(false);
    expect(await queue.getJobCounts('waiting')).toEqual({ waiting: 1 });
  });
});

describe('/healthz', () => {
  it('answers without the token, with names only', async () => {
    health = { queues: true };
    const answer = await ask('/healthz');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ status: 'ok', parts: { queues: true } });
  });

  it('says which part is down', async () => {
    health = { queues: false };
    const answer = await ask('/healthz');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({ status: 'degraded', parts: { queues: false } });
  });
});

describe('popstash dashboard', () => {
  const address = { host: '127.0.0.1', port: 0, token: TOKEN };
  const silent = pino({ level: 'silent' });

  it.each(['redis', 'postgres'])('shows every queue of the %s backend', async (kind) => {
    const { url } = await createTestDatabase();
    const redisUrl = kind === 'redis' ? testServices().redisUrl : undefined;
    const opened = await openDashboard({ databaseUrl: url, redisUrl, dashboard: address }, TOKEN, silent);
    expect((await ask('/healthz', {}, 'GET', opened.port)).status).toBe(200);
    const data = await ask('/queues/api/queues', bearer, 'GET', opened.port);
    const { queues } = JSON.parse(data.body) as { queues: { name: string; readOnlyMode: boolean }[] };
    expect(queues.map(({ name }) => name).sort()).toEqual(jobs.map(({ name }) => name).sort());
    expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    await opened.close();
  });

  it('starts while Redis is away, and notices its return', async () => {
    const redis = await startRedis({ started: false });
    const config = { databaseUrl: undefined, redisUrl: redis.url, dashboard: address };
    const opened = await openDashboard(config, TOKEN, silent);
    const status = async () => (await ask('/healthz', {}, 'GET', opened.port)).status;
    expect(await status()).toBe(503);
    await redis.start();
    await waitUntil(async () => (await status()) === 200, 'the dashboard to be well');
    expect((await ask('/queues/api/queues', bearer, 'GET', opened.port)).status).toBe(200);
    await opened.close();
  });

  it('says so when its port is taken', async () => {
    const taken = { ...address, port: dashboard.port };
    const config = { databaseUrl: undefined, redisUrl: testServices().redisUrl, dashboard: taken };
    await expect(openDashboard(config, TOKEN, silent)).rejects.toMatchObject({ code: 'conflict' });
  });
});
