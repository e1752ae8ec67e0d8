import type { JobDefinition, JobList } from './define-job.js';

/** The names of a list's jobs. */
export type JobName<Jobs extends JobList> = Jobs[number]['name'];

type JobNamed<Jobs extends JobList, Name extends string> = Extract<Jobs[number], { name: Name }>;

export type PayloadOf<Jobs extends JobList, Name extends string> =
  JobNamed<Jobs, Name> extends JobDefinition<string, infer Payload> ? Payload : never;

export type ResultOf<Jobs extends JobList, Name extends string> =
  JobNamed<Jobs, Name> extends JobDefinition<string, infer _, infer Result> ? Result : never;

/** Names of the jobs whose result somebody waits for. */
export type RequestName<Jobs extends JobList> = {
  [Name in JobName<Jobs>]: [ResultOf<Jobs, Name>] extends [never] ? never : Name;
}[JobName<Jobs>];

/** What a process that gives jobs sees of the queues. A job is given after the commit and never delays or fails a tool. */
export interface Producer<Jobs extends JobList> {
  /**
   * Returns at once. A job that can't be delivered in time is dropped: a sweep finds its row.
   * @param delayMs when the job is due, in ms from now
   */
  enqueue<Name extends Exclude<JobName<Jobs>, RequestName<Jobs>>>(
    name: Name,
    payload: PayloadOf<Jobs, Name>,
    delayMs?: number,
  ): void;
  /**
   * Gives a job and waits for its result; null when none came in time or the queue is down. Never rejects.
   * @param waitMs how long to wait, in ms
   */
  request<Name extends RequestName<Jobs>>(
    name: Name,
    payload: PayloadOf<Jobs, Name>,
    waitMs: number,
  ): Promise<ResultOf<Jobs, Name> | null>;
  /** False while the queue's backend is unreachable; true until that is known. */
  isUp(): boolean;
  /** Loads the queue's library and connects, so that the first job need not wait for that. Returns at once. */
  warm(): void;
  /** Resolves when the jobs under way have been delivered or dropped. */
  close(): Promise<void>;
}
