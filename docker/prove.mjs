// Proves the compose stack by running it on this machine's engine, as docs/compose.md tells a person to:
// three embedding workers, 2,000 insights written by a real MCP client, one worker killed on the way. Every passage
// must get its vector, all three must share the work, the dashboard must need its token, and two members of a team exclude
// each other over HTTP.
// usage: npm run prove:compose        (root where base images have to be built; see docker/stand-ins/build.sh)
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { askDashboard, checkDashboard } from './prove/check-dashboard.mjs';
import { checkTeam } from './prove/check-team.mjs';
import { composeStack, run } from './prove/compose-stack.mjs';
import { connectClient, countFronts } from './prove/connect-client.mjs';
import { makeInsight } from './prove/make-insight.mjs';
import { check, report, summarise } from './prove/report.mjs';

const INSIGHTS = 2_000;
const WORKERS = 3;
/** Calls of the client under way at once. */
const PARALLEL = 8;
/** A busy machine's database may take longer than a tool waits for it. */
const MAX_REPEATS = 5;
/** The worker is killed once this many vectors are there. */
const KILL_AFTER = 400;
const DRAIN_TIMEOUT_MS = 600_000;

const token = randomBytes(24).toString('base64url');
const stack = await composeStack({ POPSTASH_DASHBOARD_TOKEN: token });

/** Who wrote which vector: the database sees each worker's own address. */
const RECORD_WRITERS = `
  CREATE TABLE proof_writers (passage_id bigint, worker inet, at timestamptz DEFAULT clock_timestamp());
  CREATE FUNCTION proof_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO proof_writers VALUES (NEW.id, inet_client_addr()); RETURN NULL; END $$;
  CREATE TRIGGER proof_record AFTER UPDATE OF embedding ON passages FOR EACH ROW
    WHEN (OLD.embedding IS NULL AND NEW.embedding IS NOT NULL) EXECUTE FUNCTION proof_record();`;

async function readProgress() {
  const row = await stack.query(`SELECT count(*), count(embedding), count(*) FILTER (WHERE embedded_at IS NULL)
    FROM passages`);
  const [passages, vectors, pending] = row.split('|').map(Number);
  return { passages, vectors, pending };
}

/** Does what a retryable error's `fix` says: calls again. @returns how often it had to; null when that did not help */
async function writeOne(client, i) {
  for (let again = 0; again <= MAX_REPEATS; again++) {
    const result = await client.callTool({ name: 'insight', arguments: makeInsight(i) });
    if (!result.isError) return again;
    const error = JSON.parse(result.content[0].text);
    report('a write was refused', `${error.code}: ${error.message}`);
    if (!error.retryable) return null;
    await sleep(1_000);
  }
  return null;
}

async function writeAll(client) {
  const written = { count: 0, repeats: 0, seconds: 0 };
  let next = 0;
  const started = performance.now();
  const write = async () => {
    for (let i = next++; i < INSIGHTS; i = next++) {
      const repeats = await writeOne(client, i);
      if (repeats === null) continue;
      written.count += 1;
      written.repeats += repeats;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, write));
  written.seconds = (performance.now() - started) / 1_000;
  return written;
}

/** kill -9 of one worker's node process while it works; its container's restart policy does the rest. */
async function killOneWorker() {
  for (;;) {
    const { vectors } = await readProgress();
    if (vectors >= KILL_AFTER) break;
    await sleep(100);
  }
  const [victim] = await stack.containers('embedding');
  const before = await readProgress();
  await stack.query('CREATE TABLE proof_kill AS SELECT clock_timestamp() AS at');
  await stack.killNode(victim.id);
  report('killed with -9', `${victim.name}, at ${before.vectors} vectors, ${before.pending} passages waiting`);
  return victim;
}

async function drain() {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const progress = await readProgress();
    if (progress.pending === 0 || Date.now() > deadline) return progress;
    await sleep(250);
  }
}

async function reportShares(addresses) {
  const rows = await stack.query(`SELECT host(worker), count(*), count(*) FILTER (WHERE w.at > k.at)
    FROM proof_writers w, proof_kill k GROUP BY 1`);
  const shares = new Map();
  for (const line of rows.split('\n').filter(Boolean)) {
    const [address, count, later] = line.split('|');
    const name = addresses.get(address) ?? address;
    const share = shares.get(name) ?? { count: 0, later: 0 };
    shares.set(name, { count: share.count + Number(count), later: share.later + Number(later) });
  }
  for (const [name, { count, later }] of [...shares].sort()) {
    report(`vectors by ${name}`, `${count}, of which ${later} after the kill`);
  }
  check('workers that shared the work', shares.size, shares.size === WORKERS);
}

async function prove() {
  await stack.up(['--scale', `embedding=${WORKERS}`]);
  report('engine', await stack.versions());
  report('services', await stack.states());
  await stack.query(RECORD_WRITERS);
  const addresses = await stack.addresses('embedding');
  check('embedding workers running', addresses.size, addresses.size === WORKERS);

  const { client, close } = await connectClient(stack.environment);
  const [written, victim] = await Promise.all([writeAll(client), killOneWorker()]);
  const summary = `${written.count} in ${written.seconds.toFixed(1)} s, ${written.repeats} call(s) made again`;
  check('insights written over exec -T', summary, written.count === INSIGHTS);
  const end = await drain();
  check(
    'passages, with a vector, waiting',
    `${end.passages}, ${end.vectors}, ${end.pending}`,
    end.passages === INSIGHTS && end.vectors === INSIGHTS && end.pending === 0,
  );
  for (const [address, name] of await stack.addresses('embedding')) addresses.set(address, name);
  await reportShares(addresses);
  check('killed worker is back', await stack.state(victim.id), (await stack.state(victim.id)).startsWith('running'));

  const unhealthy = await stack.unhealthy();
  check('services that are not healthy', unhealthy.join(', ') || 'none', unhealthy.length === 0);

  const { content, ...asked } = makeInsight(1_234);
  const found = await client.callTool({ name: 'recall', arguments: { query: content.replace(/^\S+ /, ''), limit: 1 } });
  const [hit] = found.structuredContent?.results ?? [];
  check('recall of one of them', JSON.stringify({ key: hit?.key, score: hit?.match_score }), hit?.key === asked.key);
  const connected = await countFronts(stack);
  check('front processes, connected', connected, connected === 1);
  await close('SIGKILL');
  const left = await countFronts(stack, 0);
  check('front processes, client killed with -9', left, left === 0);

  await checkDashboard((path, options) => askDashboard(stack.ports.dashboard, path, options), token);
  await checkTeam(stack);
  check('graceful stop of the workers', ...(await stack.stop('embedding', WORKERS)));
}

try {
  report('base images', (await run('bash', [stack.file('docker/stand-ins/build.sh')])).trim().replaceAll('\n', '; '));
  await prove();
} catch (error) {
  check('the proof itself', error instanceof Error ? error.stack : error, false);
  report('logs', await stack.logs());
} finally {
  if (!process.env.PROVE_KEEP) await stack.down();
}
process.exitCode = summarise();
