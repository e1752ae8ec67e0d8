// P18: in embedded mode, what one client's 2,000 calls in flight make of another's. The flood is recall, the dearest call that
// reads; the other client calls ping, pop, acquire and release one after the other meanwhile. Each call of the flood must be
// answered, or refused with a code, before clients give it up.
import { startLocalServer } from './support/local-server.mjs';
import { connectSocket } from './support/local-socket.mjs';
import { timed } from './support/mcp-client.mjs';
import { percentile, report } from './support/report.mjs';

const FLOOD = Number(process.env.POPSTASH_BENCH_FLOOD ?? 2_000);
const MEMORIES = 300;

const server = await startLocalServer();
const writer = await connectSocket(server.env, 'writer');
const busy = await connectSocket(server.env, 'busy');
const other = await connectSocket(server.env, 'other');
for (let i = 0; i < MEMORIES; i += 1) {
  await writer.call('insight', {
    key: `note-${i}`,
    content: `Note ${i}: module ${i % 17} talks to service ${i % 23} by queue ${i}.`,
  });
}
await other.call('stash', { name: 'mine', summary: 'What I was about to do.' });

const calls: Record<string, () => Promise<unknown>> = {
  ping: () => other.call('ping'),
  pop: () => other.call('pop', { name: 'mine' }),
  acquire: () => other.call('acquire', { patterns: ['src/mine.ts'] }),
  release: () => other.call('release', { patterns: ['src/mine.ts'] }),
};

async function measure(isOver: () => boolean): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {};
  while (!isOver()) {
    for (const [name, call] of Object.entries(calls)) {
      times[name] ??= [];
      times[name].push(await timed(call));
    }
  }
  return times;
}

let rounds = 0;
const alone = await measure(() => {
  rounds += 1;
  return rounds > 60;
});
let answered = 0;
let refused = 0;
const answers: number[] = [];
const flood = Promise.all(
  Array.from({ length: FLOOD }, async (_, n) => {
    const took = await timed(async () => {
      const { code } = await busy.call('recall', { query: `which module talks to service ${n % 23} by queue ${n}` });
      if (code === undefined) answered += 1;
      else refused += 1;
    });
    answers.push(took);
  }),
);
let isOver = false;
void flood.then(() => {
  isOver = true;
});
const beside = await measure(() => isOver);
for (const name of Object.keys(calls)) {
  report(`P18 ${name} alone, p99 ms`, percentile(alone[name] ?? [], 0.99), '-');
  report(
    `P18 ${name} beside ${FLOOD} calls in flight, p99 ms`,
    percentile(beside[name] ?? [], 0.99),
    name === 'release' ? '-' : '≤ 500',
  );
}
report(`P18 calls of the flood that were answered`, answered, '-');
report(`P18 calls of the flood that were refused with a code`, refused, '-');
report(`P18 longest time to an answer or a code, s`, Math.max(...answers) / 1_000, '≤ 60');
for (const client of [writer, busy, other]) client.close();
await server.stop();
process.exit(0);
