import { Worker } from 'node:worker_threads';
import type { AnyFileTask, TaskAnswer, TaskRequest } from './serve-file-tasks.js';
import { findSilentPlace, isWithinPlace } from './silent-place.js';

/** Threads that work at one time, and how many of them may do long work. */
const MAX_THREADS = 4;
const MAX_LONG = 2;
/** Those that work for one owner: while its files do not answer, one thread at least is left for others. */
const MAX_AN_OWNER = { short: 2, long: 1 };
/** Stuck ones of one owner: then all of its work is refused. */
const MAX_STUCK_AN_OWNER = 3;
/** Threads that wait for files which never answer. Node can't end them: each stays until its call returns. */
const MAX_STUCK = 8;
/** A thread that has nothing to do ends after this, in ms: each takes 15 MB. The last one is kept for the next call for a while. */
const IDLE_MS = 10_000;
const LAST_IDLE_MS = 20_000;
/** Longest start of a thread on a machine that is busy, in ms. */
const START_MS = 15_000;
/** Of one thread: what a task holds at most is a list of 20,000 files. */
const MAX_HEAP_MB = 128;

export interface Job extends TaskRequest {
  task: AnyFileTask;
  owner: string;
  place: string;
  queuedAt: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  job: Job | null;
  isReady: boolean;
  deadline?: NodeJS.Timeout;
  idle?: NodeJS.Timeout;
}

type Where = Pick<Job, 'place' | 'owner'>;

export interface PoolEvents {
  /** A thread is free, or has ended. */
  onFree(): void;
  /** The files of a folder do not answer: the job's thread is given up. */
  onStuck(job: Job): void;
}

export interface ThreadPool {
  /** @param mayStart whether the job may have a new thread @returns false: no thread takes it now */
  give(job: Job, mayStart: boolean): boolean;
  /** Whether the job waits for others like it. */
  isHeldBack(job: Job): boolean;
  /** Whether there is, or may be, no thread any more. */
  isExhausted(): boolean;
  canStart(): boolean;
  /** Whether a thread waits in this place, or in the network mount that it is on, or several wait for this owner. */
  isStuckIn(place: string, owner: string): boolean;
  close(): void;
}

/** Threads, each of which does one job at a time. One that does not answer in time is left to itself. */
export function createThreadPool(threadFile: string, { onFree, onStuck }: PoolEvents): ThreadPool {
  const threads = new Set<Thread>();
  /** Of each stuck thread what does not answer. */
  const stuck = new Map<Thread, Where>();

  // Node waits for its threads before it ends, and these wait for ever.
  const endWithStuck = () => void (stuck.size > 0 && process.kill(process.pid, 'SIGKILL'));
  process.on('exit', endWithStuck);

  function start(): Thread {
    const thread: Thread = { worker: startWorker(threadFile), job: null, isReady: false };
    threads.add(thread);
    thread.worker.on('message', (answer: TaskAnswer) => {
      if (!('ready' in answer)) return finish(thread, answer);
      thread.isReady = true;
      if (thread.job) awaitAnswer(thread, thread.job);
    });
    thread.worker.on('error', (error: Error) => lose(thread, error));
    thread.worker.on('exit', (code) => lose(thread, new Error(`a thread for files ended with code ${code}`)));
    return thread;
  }

  /** A thread that has ended. */
  function lose(thread: Thread, error: Error): void {
    threads.delete(thread);
    stuck.delete(thread);
    clearTimeout(thread.idle);
    takeJob(thread)?.reject(error);
    onFree();
  }

  function finish(thread: Thread, answer: TaskAnswer): void {
    const job = takeJob(thread);
    rest(thread);
    if (job && 'result' in answer) job.resolve(answer.result);
    else if (job && 'problem' in answer) job.reject(Object.assign(new Error(answer.problem), { code: answer.code }));
    onFree();
  }

  function awaitAnswer(thread: Thread, { task: { maxMs } }: Job): void {
    clearTimeout(thread.deadline);
    thread.deadline = setTimeout(() => giveUp(thread), thread.isReady ? maxMs : START_MS + maxMs);
  }

  function rest(thread: Thread): void {
    const isLast = threads.size === 1;
    const end = () => {
      if (!isLast && threads.size === 1) return rest(thread);
      threads.delete(thread);
      void thread.worker.terminate();
    };
    thread.idle = setTimeout(end, isLast ? LAST_IDLE_MS : IDLE_MS).unref();
  }

  function giveUp(thread: Thread): void {
    const job = takeJob(thread);
    if (!job) return;
    threads.delete(thread);
    stuck.set(thread, { place: findSilentPlace(job.place), owner: job.owner });
    // As soon as its call returns.
    void thread.worker.terminate();
    onStuck(job);
  }

  const count = (matches: (job: Job) => boolean) => [...threads].filter(({ job }) => job && matches(job)).length;
  const isHeldBack = ({ task: { isLong }, owner }: Job) =>
    (isLong && count((job) => job.task.isLong) >= MAX_LONG) ||
    count((job) => job.owner === owner && job.task.isLong === isLong) >= MAX_AN_OWNER[isLong ? 'long' : 'short'];
  const canStart = () => threads.size < MAX_THREADS && stuck.size < MAX_STUCK;

  return {
    isHeldBack,
    canStart,
    give(job, mayStart) {
      if (isHeldBack(job)) return false;
      const free = [...threads].find((thread) => thread.job === null);
      const thread = free ?? (canStart() && (mayStart || threads.size === 0) ? start() : null);
      if (!thread) return false;
      clearTimeout(thread.idle);
      thread.job = job;
      awaitAnswer(thread, job);
      thread.worker.postMessage({ name: job.name, args: job.args } satisfies TaskRequest);
      return true;
    },
    isExhausted: () => threads.size === 0 && stuck.size >= MAX_STUCK,
    isStuckIn: (place, owner) => isRefused([...stuck.values()], { place, owner }),
    close() {
      for (const { worker } of threads) void worker.terminate();
      if (stuck.size === 0) process.off('exit', endWithStuck);
    },
  };
}

function startWorker(threadFile: string): Worker {
  const worker = new Worker(threadFile, {
    name: 'files',
    stdout: true,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 2 },
  });
  worker.stdout.resume();
  worker.unref();
  return worker;
}

function takeJob(thread: Thread): Job | null {
  const { job } = thread;
  clearTimeout(thread.deadline);
  thread.job = null;
  return job;
}

function isRefused(stuck: readonly Where[], { place, owner }: Where): boolean {
  if (stuck.filter((each) => each.owner === owner).length >= MAX_STUCK_AN_OWNER) return true;
  return stuck.some((each) => isWithinPlace(place, each.place));
}
