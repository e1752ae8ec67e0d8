// P3: writes over stdio with Redis killed ÷ with Redis up; two fronts on one database, one write each alternately.
import { requireServices } from '../scripts/services/require-services.mjs';
import { startRedis } from '../scripts/services/start-redis.mjs';
import { readCorpus } from './support/corpus.js';
import { connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const WRITES = 500;
const WARM_WRITES = 100;

const texts = await readCorpus(WRITES);
const doomed = await startRedis(requireServices());
const up = await connectFront();
const down = await connectFront({ ...process.env, REDIS_URL: doomed.url });
const write = (front: typeof up, mark: string, text: string | undefined) =>
  timed(() => front.call('insight', { content: `${mark} ${text}` }));

// Both know their queue before one loses it.
for (let i = 0; i < WARM_WRITES; i++) {
  await write(up, `warm ${i}`, texts[i]);
  await write(down, `warm ${i}`, texts[i]);
}
await doomed.kill();
while ((await down.call('ping')).degraded.length === 0) await write(down, 'noticing', texts[0]);

const ratios: { p50: number[]; p99: number[] } = { p50: [], p99: [] };
for (let round = 0; round < ROUNDS; round++) {
  const times: { up: number[]; down: number[] } = { up: [], down: [] };
  for (let i = 0; i < WRITES; i++) {
    // Each after itself as often as after the other: the job of a write goes out while the next one begins.
    const writeUp = async () => times.up.push(await write(up, `${round} ${i}`, texts[i]));
    if (i % 2 === 0) await writeUp();
    times.down.push(await write(down, `${round} ${i}`, texts[i]));
    if (i % 2 === 1) await writeUp();
  }
  ratios.p50.push(percentile(times.down, 0.5) / percentile(times.up, 0.5));
  ratios.p99.push(percentile(times.down, 0.99) / percentile(times.up, 0.99));
}
report('P3 insight, Redis killed ÷ up, p50', median(ratios.p50), '≤ 1.05');
report('P3 insight, Redis killed ÷ up, p99', median(ratios.p99), '-');
await up.close();
await down.close();
await doomed.close();
