// P1b: insight and recall over stdio in embedded mode with 1,000 and with 5,000 memories, each with its vector; one
// call at a time. The targets are what the quickest rival with the same model took with 1,000 (docs/trials-and-figures.md).
import { startLocalServer } from './support/local-server.mjs';
import { connectFront, timed } from './support/mcp-client.mjs';
import { percentile, report } from './support/report.mjs';
import { shortNotes } from './support/short-notes.js';

const CALLS = 300;
const WARM_UP = 30;
const SIZES = [
  { memories: 1_000, insight: ['≤ 28', '≤ 33'], recall: ['≤ 31', '≤ 45'] },
  { memories: 5_000, insight: ['-', '-'], recall: ['-', '-'] },
] as const;

const local = await startLocalServer();
const front = await connectFront(local.env);
const notes = shortNotes(10_000);
let written = 0;
const write = () => front.call('insight', { content: notes[written++] });
try {
  for (const { memories, insight, recall } of SIZES) {
    while (written < memories) await write();
    await local.untilEmbedded();
    const times: { insight: number[]; recall: number[] } = { insight: [], recall: [] };
    for (let i = -WARM_UP; i < CALLS; i += 1) {
      const took = await timed(write);
      if (i >= 0) times.insight.push(took);
    }
    await local.untilEmbedded();
    for (let i = -WARM_UP; i < CALLS; i += 1) {
      const query = `why is it that ${notes[(i + WARM_UP) * 3]}?`;
      const took = await timed(() => front.call('recall', { query }));
      if (i >= 0) times.recall.push(took);
    }
    const with_ = `embedded, ${memories} memories`;
    report(`P1b insight, ${with_}, p50 ms`, percentile(times.insight, 0.5), insight[0]);
    report(`P1b insight, ${with_}, p99 ms`, percentile(times.insight, 0.99), insight[1]);
    report(`P1b recall, ${with_}, p50 ms`, percentile(times.recall, 0.5), recall[0]);
    report(`P1b recall, ${with_}, p99 ms`, percentile(times.recall, 0.99), recall[1]);
  }
} finally {
  await front.close();
  await local.stop();
}
