import { repeat } from '../../async/repeat.js';
import type { Logger } from '../../logger.js';
import type { PassageEmbedder } from './embed-passages.js';

/** Steady pace: every 15 s, passages that have waited longer than 10 s. */
const SWEEP_MS = 15_000;
const WAITED_MS = 10_000;
/** After the queue came (back), jobs may have been lost, or still be lost for a moment: sweep more often. */
const RECOVERY_MS = 12_000;
const RECOVERY_SWEEP_MS = 2_000;
const RECOVERY_WAITED_MS = 500;
/** Passages that one sweep finds; the next finds the rest. */
const MAX_SWEPT_PASSAGES = 10_000;
/** Passages embedded without the queue between two checks of it, and the pause when there was none. */
const MAX_DIRECT_PASSAGES = 256;
const DIRECT_PAUSE_MS = 1_000;
/** Passages with vectors of a former model that one sweep gives, while nothing else waits; and until the next one. */
const MAX_OUTDATED_PASSAGES = 32;
const OUTDATED_SWEEP_MS = 2_000;
/** Jobs of one round trip, and how long it may take, in ms. */
const MAX_BULK_JOBS = 250;
const BULK_TIMEOUT_MS = 5_000;

/** The part of the queue `embedding` that a sweep uses. */
export interface SweptQueue {
  state(): 'connecting' | 'up' | 'down';
  connect(): void;
  onUp(listener: () => void): void;
  onDown(listener: () => void): void;
  /** Adds jobs that are not in the queue yet. Rejects when the queue is away or takes nothing. */
  add(jobs: readonly { id: string; payload: { passageIds: string[] } }[], timeoutMs: number): Promise<void>;
}

export interface SweepDeps {
  passages: PassageEmbedder;
  queue: SweptQueue;
  logger: Logger;
  /** Passages of one job: few, so that many workers share; more where a job costs much. */
  passagesPerJob: number;
}

/**
 * The row is the truth: finds passages without a vector, even if they had a job, and gives new jobs. While the
 * queue is away, embeds them without it. When none waits, passages with vectors of a former model get new ones, some at a
 * time, so that what is written meanwhile never waits for long.
 */
export function startSweep({ passages, queue, logger, passagesPerJob }: SweepDeps): { stop(): Promise<void> } {
  let stopped = false;
  // The jobs of a dead worker are locked in the queue for seconds; its successor need not wait for that.
  let first = true;
  /** The newest passage with an older vector, at the last sweep that asked. */
  let outdated: string | null = null;
  let recoverUntil = Date.now() + RECOVERY_MS;

  /** @returns ms until the next sweep */
  async function sweep(): Promise<number> {
    if (queue.state() === 'down') return await embedDirectly();
    const recovering = Date.now() < recoverUntil;
    const ids = await passages.pending(recovering ? RECOVERY_WAITED_MS : WAITED_MS, MAX_SWEPT_PASSAGES);
    const inherited = first ? ids.slice(0, MAX_DIRECT_PASSAGES) : [];
    first = false;
    const [taken] = await Promise.all([isGiven(ids.slice(inherited.length)), passages.embed(inherited)]);
    if (!taken) return await embedDirectly();
    if (ids.length === 0 && (await giveOutdated())) return OUTDATED_SWEEP_MS;
    return recovering ? RECOVERY_SWEEP_MS : SWEEP_MS;
  }

  /** @returns whether more may follow soon: some are left, and the ones given before are done */
  async function giveOutdated(): Promise<boolean> {
    const ids = await passages.outdated(MAX_OUTDATED_PASSAGES);
    const before = outdated;
    outdated = ids[0] ?? null;
    if ((outdated === null) !== (before === null)) {
      logger.info(outdated === null ? 'every vector is of the current model' : 'older vectors are made again');
    }
    if (outdated === null) return false;
    return (await isGiven(ids)) && outdated !== before;
  }

  /** @returns ms until the next sweep */
  async function embedDirectly(): Promise<number> {
    const ids = await passages.pending(0, MAX_DIRECT_PASSAGES);
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
    // One job a block at most is in the queue, however many workers sweep and however often.
    const jobs = [...groupByBlock(ids, passagesPerJob)].map(([block, passageIds]) => ({
      id: `sweep-${block}`,
      payload: { passageIds },
    }));
    for (let from = 0; from < jobs.length && !stopped; from += MAX_BULK_JOBS) {
      await queue.add(jobs.slice(from, from + MAX_BULK_JOBS), BULK_TIMEOUT_MS);
    }
    if (jobs.length > 0) logger.debug({ passages: ids.length, jobs: jobs.length }, 'swept');
  }

  const loop = repeat(sweep, (error) => {
    if (!stopped) logger.warn({ err: error }, 'a sweep failed; the next one follows');
    return DIRECT_PAUSE_MS;
  });
  queue.onUp(() => {
    recoverUntil = Date.now() + RECOVERY_MS;
    loop.wake();
  });
  queue.onDown(loop.wake);
  queue.connect();
  return {
    stop: () => {
      stopped = true;
      return loop.stop();
    },
  };
}

/** Ids by blocks of `size` consecutive numbers, so that every sweep puts the same passages into the same jobs. */
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
