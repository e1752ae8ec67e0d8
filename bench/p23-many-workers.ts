// P23: a hundred embedding workers on one queue, as on a hundred machines: real consumers on the real queue, whose work is a
// wait as long as a batch takes on a core of its own. What the queue lets through ÷ what so many workers could do, and the
// same for 10; the rest is contention at Redis.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import { embedding } from '../src/jobs/embedding.js';
import { startConsumer } from '../src/queue/consumer.js';
import { jobOptions } from '../src/queue/define-job.js';
import { NO_TELEMETRY } from '../src/telemetry/no-telemetry.js';
import { report } from './support/report.mjs';

/** Passages of a job, and what one of them takes on a core, in ms (P13: 78 texts a second). */
const PASSAGES = 8;
const WORK_MS = PASSAGES * 13;
const PROCESSES = 4;
const JOBS_EACH = 60;
/** One job at a time in each worker: it has one core. */
const job = { ...embedding, concurrency: { redis: 1, postgres: 1 } };

const logger = pino({ level: 'silent' });
const backend = { kind: 'redis', url: process.env.REDIS_URL ?? '' } as const;

if (process.send) await work(Number(process.argv[2]));
else {
  for (const workers of [10, 100]) {
    const took = await drainWith(workers);
    const ideal = (JOBS_EACH * WORK_MS) / 1_000;
    report(`P23 ${workers} workers: texts a second`, (workers * JOBS_EACH * PASSAGES) / took, '-');
    report(`P23 ${workers} workers: share of what they could do`, ideal / took, workers === 100 ? '≥ .8' : '-');
  }
  process.exit(0);
}

/** @returns seconds until all jobs are done */
async function drainWith(workers: number): Promise<number> {
  const total = workers * JOBS_EACH;
  const queue = new Queue(job.name, { connection: { url: backend.url } });
  const payload = { passageIds: Array.from({ length: PASSAGES }, (_, index) => String(index + 1)) };
  await queue.addBulk(Array.from({ length: total }, () => ({ name: job.name, data: payload, opts: jobOptions(job) })));
  await queue.close();
  let done = 0;
  let started = Number.POSITIVE_INFINITY;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const children = Array.from({ length: PROCESSES }, (_, index) => {
    const share = Math.floor(workers / PROCESSES) + (index < workers % PROCESSES ? 1 : 0);
    const child = fork(process.argv[1] ?? '', [String(share)], { stdio: 'inherit' });
    child.on('message', () => {
      started = Math.min(started, performance.now());
      done += 1;
      if (done === total) finish();
    });
    return child;
  });
  await finished;
  // The first job was done after one work's time.
  const took = performance.now() - started + WORK_MS;
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => once(child, 'exit')));
  return took / 1_000;
}

async function work(workers: number): Promise<void> {
  const handle = async () => {
    await sleep(WORK_MS);
    process.send?.('done');
  };
  const consumers = Array.from({ length: workers }, () =>
    startConsumer({ job, backend, handle, logger, telemetry: NO_TELEMETRY }),
  );
  await once(process, 'SIGTERM');
  await Promise.all(consumers.map((consumer) => consumer.close()));
  process.exit(0);
}
