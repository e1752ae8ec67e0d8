import type { JobsOptions } from 'bullmq';
import type * as z from 'zod';
import type { Logger } from '../logger.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { QueueBackend } from './backend.js';

/**
 * One job, whole: its queue, its worker's file and its own file bear its name. A job says that there may be work; the
 * row says whether there is. So a handler is idempotent, and a job may come twice, late or never
 * (docs/decisions/jobs-may-be-lost.md).
 */
export interface JobDefinition<
  Name extends string = string,
  Payload = unknown,
  Result = unknown,
  Resources = unknown,
  Needs extends PropertyKey = PropertyKey,
> {
  name: Name;
  /** Ids, not text: the row is the truth. Parsed where the job is given and where it is taken. */
  payload: z.ZodType<Payload>;
  /** Only for a job whose result somebody waits for: reads what `handle` returned. Such a job is given by `request`. */
  result?: z.ZodType<Result>;
  /** Attempts, and what differs from DEFAULT_OPTIONS. */
  options: { attempts: number } & Pick<JobsOptions, 'backoff' | 'removeOnComplete' | 'removeOnFail'>;
  /** Jobs that one process handles at a time. A job costs a fraction of a millisecond on Redis, some on PostgreSQL. */
  concurrency: Record<QueueBackend['kind'], number>;
  /** One payload for two that were given at the same moment in one trace; null when they stay two jobs. */
  merge?(waiting: Payload, next: Payload): Payload | null;
  /**
   * At most one job for each key and period: the end of the period in which it is due. So it runs after everything that
   * was written before it was given. Keys hold no colon, which BullMQ refuses in ids.
   */
  throttle?: { key(payload: NoInfer<Payload>): string; everyMs: number };
  /** Jobs that the queue gives by itself, by name. One of all workers takes each. */
  schedule?: Readonly<Record<string, { everyMs: number; payload: NoInfer<Payload> }>>;
  /** The worker process that runs it, which may run several jobs; the job's own name when left out. */
  worker?: string;
  /**
   * Where it runs without being asked: in a container (docker-compose.yml has a service for its worker) and in the
   * embedded mode's local server. A job that reads the user's files leaves the container out.
   */
  runsIn: readonly ('container' | 'local-server')[];
  /** For its tables: connections that a worker process opens for it, and the longest statement, in ms. */
  database?: { connections: number; statementTimeoutMs: number };
  /** What `start` gets besides JobParts. A worker process loads the model only where a job needs it. */
  needs: readonly Needs[];
  /** Opens what the job works with, and imports it there: a process that only gives jobs must not load it. */
  start(parts: Pick<Resources, Needs & keyof Resources> & JobParts<Payload>): Promise<StartedJob<Payload>>;
}

export type JobList = readonly JobDefinition[];

/** What every job gets. */
export interface JobParts<Payload> {
  logger: Logger;
  telemetry: Telemetry;
  queue: OwnQueue<Payload>;
}

/** A job's own queue, for jobs that look for lost work and give it again. */
export interface OwnQueue<Payload> {
  backend: QueueBackend['kind'];
  /** 'connecting' until the backend first answered or failed to. */
  state(): 'connecting' | 'up' | 'down';
  /** Connects and watches from now on. */
  connect(): void;
  /** Called when the backend answers first, answers again after a silence, or is reached by a new connection. */
  onUp(listener: () => void): void;
  onDown(listener: () => void): void;
  /**
   * Adds jobs. One whose id is in the queue is not added again; a finished one leaves at once, so that its id is free.
   * @throws QueueDownError, TimeoutError, or the backend's refusal
   */
  add(jobs: readonly { id: string; payload: Payload }[], timeoutMs: number): Promise<void>;
}

export interface StartedJob<Payload> {
  /**
   * Plain work on a parsed payload. A retryable AppError of code `not_ready` while the worker closes gives the job back
   * unharmed; any other error counts as an attempt.
   */
  handle(payload: Payload): Promise<unknown>;
  /** What this process does by its own clock, beside the queue. */
  repeats?: readonly Repeat[];
  /** Rejects or ends what is under way. Called when no further job is taken. */
  close?(): Promise<void>;
}

export interface Repeat {
  /** For the log. */
  name: string;
  /** @returns the pause until the next time, in ms */
  run(): Promise<number>;
  /** Pause after a failure, in ms. */
  retryMs: number;
}

/** Finished jobs stay for a while, bounded, so that people can read them. Ages in s, counts in jobs. */
const DEFAULT_OPTIONS = {
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: 3_600, count: 200 },
  removeOnFail: { age: 7 * 86_400, count: 500 },
} as const satisfies JobsOptions;

/** How jobs of this definition are tried again and kept. */
export function jobOptions(job: Pick<JobDefinition, 'options'>): JobsOptions {
  return { ...DEFAULT_OPTIONS, ...job.options };
}

/** The worker process that runs the job. */
export function workerOf(job: Pick<JobDefinition, 'name' | 'worker'>): string {
  return job.worker ?? job.name;
}

/** @returns `defineJob` for jobs that may need these resources; it returns its argument with its types kept. */
export function jobDefiner<Resources>() {
  return <const Name extends string, Payload, const Needs extends keyof Resources, Result = never>(
    job: JobDefinition<Name, Payload, Result, Resources, Needs>,
  ): JobDefinition<Name, Payload, Result, Resources, Needs> => job;
}
