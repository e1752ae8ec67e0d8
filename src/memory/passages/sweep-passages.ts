import type { Logger } from '../../logger.js';
import { jobOptions } from '../../queue/catalog.js';
import type { QueueLink } from '../../queue/queue-link.js';
import type { PassageEmbedder } from './embed-passages.js';

/** Steady pace: every 15 s, what has waited longer than 10 s (architecture.md, Jobs). */
const SWEEP_MS = 15_000;
const WAITED_MS = 10_000;
/** After the queue came (back), nudges may have been lost just now and still be lost for a moment: look harder. */
const RECOVERY_MS = 12_000;
const RECOVERY_SWEEP_MS = 2_000;
const RECOVERY_WAITED_MS = 500;
/** Passages that one look finds at most; the next finds the rest. */
const MOST = 10_000;
/** Passages embedded without the queue between two looks at it, and the pause when there was none. */
const DIRECT_PASSAGES = 256;
const DIRECT_PAUSE_MS = 1_000;
/** Jobs of one round trip, and how long it may take, in ms. */
const BULK_JOBS = 250;
const BULK_TIMEOUT_MS = 5_000;

export interface SweepDeps {
  passages: PassageEmbedder;
  link: QueueLink;
  logger: Logger;
  /** Passages of one job: few, so that many workers share; more where a job costs much. */
  passagesPerJob: number;
}

/**
 * The row is the truth: finds passages without a vector, whatever became of their jobs, and gives new ones; while the
 * queue is away, embeds them without it.
 */
export function startSweep({ passages, link, logger, passagesPerJob }: SweepDeps): { stop(): Promise<void> } {
  let stopped = false;
  // What a dead worker had taken is locked in the queue for seconds; whoever comes next need not wait for that.
  let first = true;
  let recoverUntil = Date.now() + RECOVERY_MS;
  let wake: () => void = () => undefined;
  link.onUp(() => {
    recoverUntil = Date.now() + RECOVERY_MS;
    wake();
  });
  link.onDown(() => wake());
  link.start();

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** @returns ms until the next look */
  async function look(): Promise<number> {
    if (link.state() === 'down') return await embedDirectly();
    const recovering = Date.now() < recoverUntil;
    const ids = await passages.pending(recovering ? RECOVERY_WAITED_MS : WAITED_MS, MOST);
    const inherited = first ? ids.slice(0, DIRECT_PASSAGES) : [];
    first = false;
    const [taken] = await Promise.all([isGiven(ids.slice(inherited.length)), passages.embed(inherited)]);
    if (!taken) return await embedDirectly();
    return recovering ? RECOVERY_SWEEP_MS : SWEEP_MS;
  }

  /** @returns ms until the next look */
  async function embedDirectly(): Promise<number> {
    const ids = await passages.pending(0, DIRECT_PASSAGES);
    if (ids.length === 0) return DIRECT_PAUSE_MS;
    logger.info({ passages: ids.length }, 'embedding without the queue');
    await passages.embed(ids);
    return 0;
  }

  /** False when the queue answers but takes nothing: its memory is full, or it is a replica. */
  async function isGiven(ids: readonly string[]): Promise<boolean> {
    try {
      await give(ids);
      return true;
    } catch (error) {
      logger.warn({ err: error }, 'the queue takes no jobs');
      return false;
    }
  }

  async function give(ids: readonly string[]): Promise<void> {
    const jobs = [...groupByBlock(ids, passagesPerJob)].map(([block, passageIds]) => ({
      name: 'embedding',
      data: { passageIds },
      // One job a block at most is in the queue, however many workers sweep and however often.
      opts: { ...jobOptions('embedding'), jobId: `sweep-${block}`, removeOnComplete: true, removeOnFail: true },
    }));
    for (let at = 0; at < jobs.length && !stopped; at += BULK_JOBS) {
      await link.use('embedding', BULK_TIMEOUT_MS, (queue) => queue.addBulk(jobs.slice(at, at + BULK_JOBS)));
    }
    if (jobs.length > 0) logger.debug({ passages: ids.length, jobs: jobs.length }, 'swept');
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const next = await look().catch((error: unknown) => {
        if (!stopped) logger.warn({ err: error }, 'a sweep failed; the next follows');
        return DIRECT_PAUSE_MS;
      });
      if (!stopped && next > 0) await pause(next);
    }
  }

  const running = run();
  return {
    stop: () => {
      stopped = true;
      wake();
      return running;
    },
  };
}

/** Ids by their place in fixed blocks of `size`, so that every sweep cuts the same passages into the same jobs. */
export function groupByBlock(ids: readonly string[], size: number): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  for (const id of ids) {
    const block = String(BigInt(id) / BigInt(size));
    const members = blocks.get(block);
    if (members) members.push(id);
    else blocks.set(block, [id]);
  }
  return blocks;
}
