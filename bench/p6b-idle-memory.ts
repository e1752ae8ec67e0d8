// P6b: memory of the local server with 1,000 memories when nothing is asked: with its model loaded, and once the model has
// rested. Of both its processes together: the proportional set size, which counts a page that two processes share once.
import { setTimeout as sleep } from 'node:timers/promises';
import { startLocalServer } from './support/local-server.mjs';
import { connectFront, timed } from './support/mcp-client.mjs';
import { childrenOf, memoryOf } from './support/processes.mjs';
import { median, report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const MEMORIES = 1_000;
const REST_MINUTES = 0.5;
/** Idle time before memory is read, in ms: the jobs of a busy minute have ended. */
const SETTLE_MS = 10_000;
const WAKES = 5;

const local = await startLocalServer({ POPSTASH_MODEL_REST_MINUTES: String(REST_MINUTES) });
const front = await connectFront(local.env);
try {
  for (const content of shortNotes(MEMORIES)) await front.call('insight', { content });
  await local.untilEmbedded();
  for (let i = 0; i < 50; i += 1) await front.call('recall', { query: `why is the cache slow in build ${i}?` });
  await sleep(SETTLE_MS);
  const [server, ...models] = [local.pid, ...childrenOf(local.pid)].map(memoryOf);
  const model = models.reduce((sum, { pss }) => sum + pss, 0);
  report(`P6b local server, ${MEMORIES} memories, idle, MB`, (server?.pss ?? 0) + model, '≤ 250');
  report('P6b of it the model’s process, MB', model, '-');
  report('P6b resident set of the server’s own process, MB', server?.rss ?? 0, '-');
  await untilRested();
  await sleep(SETTLE_MS);
  const rested = memoryOf(local.pid);
  report('P6b local server once the model rests, MB', rested.pss, '≤ 200');
  report('P6b resident set once the model rests, MB', rested.rss, '≤ 200');
  const waking: number[] = [];
  let degraded = 0;
  for (let i = 0; i < WAKES; i += 1) {
    await untilRested();
    waking.push(
      await timed(async () => {
        const answer = await front.call('recall', { query: `what was it about the mail sender, time ${i}?` });
        if (answer.degraded) degraded += 1;
      }),
    );
  }
  report('P6b first recall after a rest, p50 ms', median(waking), '≤ 1000');
  report('P6b first recalls after a rest without meaning', degraded, '0');
} finally {
  await front.close();
  await local.stop();
}

async function untilRested(): Promise<void> {
  while (childrenOf(local.pid).length > 0) await sleep(500);
}
