import { expect, test } from 'vitest';
import { runCommand, spawnCommand } from '../support/processes/processes.js';
import { testServices } from '../support/setup/services.js';

const { databaseUrl, redisUrl } = testServices();
const server = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, POPSTASH_DASHBOARD_PORT: '0' };

test('popstash dashboard makes a token, shows its link once on stderr, and ends on SIGTERM', async () => {
  const dashboard = spawnCommand(['dashboard'], { env: server });
  const line = await dashboard.untilStderr(/PopStash dashboard: http/);
  const link = new URL(line.slice(line.indexOf('http')).trim());
  expect(link.searchParams.get('token')?.length).toBeGreaterThanOrEqual(32);

  expect((await fetch(`${link.origin}/queues`)).status).toBe(401);
  const welcome = await fetch(link, { redirect: 'manual' });
  expect(welcome.status).toBe(303);
  const cookie = String(welcome.headers.get('set-cookie')).split(';')[0] ?? '';
  const page = await fetch(`${link.origin}/queues`, { headers: { cookie } });
  expect(await page.text()).toContain('PopStash queues');

  expect(await dashboard.stop()).toBe(0);
  expect(dashboard.stdout()).toBe('');
});

test('popstash dashboard never prints a token that was set', async () => {
  const token = 'set-by-a-person-1234';
  const dashboard = spawnCommand(['dashboard'], { env: { ...server, POPSTASH_DASHBOARD_TOKEN: token } });
  const line = await dashboard.untilStderr(/PopStash dashboard: http/);
  const { origin } = new URL(line.slice(line.indexOf('http')).trim());
  const page = await fetch(`${origin}/queues`, { headers: { authorization: `Bearer ${token}` } });
  expect(page.status).toBe(200);
  await dashboard.stop();
  expect(dashboard.stderr()).not.toContain(token);
});

test('popstash dashboard without DATABASE_URL says what to set', async () => {
  const { code, stderr } = await runCommand(['dashboard']);
  expect(code).toBe(1);
  expect(stderr).toContain('DATABASE_URL');
});
