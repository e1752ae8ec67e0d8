// Exits 0 when what this container needs answers: the dashboard and the server of a team their own page, the others PostgreSQL and Redis.
// That the service itself lives is Docker's to see: its process is the container.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const TIMEOUT_MS = 3_000;

/** Sends `greeting` and resolves to the first bytes of the answer. */
function greet(url, defaultPort, greeting) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || defaultPort) });
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`${hostname} is silent`)));
    socket.once('error', reject);
    socket.once('connect', () => socket.write(greeting));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data);
    });
  });
}

/** Of several hosts one is enough. */
async function checkPostgres(url) {
  const [, hosts = ''] = /^\w+:\/\/(?:[^/]*@)?([^/?]+)/.exec(url) ?? [];
  await Promise.any(hosts.split(',').map((host) => checkPostgresHost(`postgres://${host}`)));
}

/** PostgreSQL answers an SSLRequest with one letter, S or N, without logging anything. */
async function checkPostgresHost(url) {
  const answer = await greet(url, 5432, Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  if (!['S', 'N'].includes(answer.toString('latin1', 0, 1))) throw new Error('not PostgreSQL');
}

/** Any reply will do: a Redis with a password answers -NOAUTH. Of Sentinels one is enough. With TLS nothing is asked. */
async function checkRedis(url) {
  if (url.startsWith('redis:')) await greet(url, 6379, 'PING\r\n');
  const [, hosts] = /^redis\+sentinel:\/\/(?:[^/]*@)?([^/]+)/.exec(url) ?? [];
  if (hosts) await Promise.any(hosts.split(',').map((host) => greet(`redis://${host}`, 26379, 'PING\r\n')));
}

async function checkPage(name, port) {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`the ${name} answered ${response.status}`);
}

const { DATABASE_URL, REDIS_URL, POPSTASH_DASHBOARD_PORT, POPSTASH_HTTP_PORT } = process.env;
const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
try {
  if (words.includes('dashboard')) await checkPage('dashboard', POPSTASH_DASHBOARD_PORT || 4410);
  else if (words.includes('--http')) await checkPage('server', POPSTASH_HTTP_PORT || 4420);
  else await Promise.all([DATABASE_URL && checkPostgres(DATABASE_URL), REDIS_URL && checkRedis(REDIS_URL)]);
  process.exit(0);
} catch (error) {
  const errors = error instanceof AggregateError ? error.errors : [error];
  for (const each of errors) console.error(each instanceof Error ? each.message : each);
  process.exit(1);
}
