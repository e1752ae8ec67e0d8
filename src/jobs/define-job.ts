import type { Pool } from 'pg';
import type { TranscriptReader } from '../accountability/reader/reader-types.js';
import type { Embedder } from '../embedding/embedding-types.js';
import { jobDefiner } from '../queue/define-job.js';

/** What a job may need. The process that runs it opens these (src/app/run-worker.ts, src/app/open-storage.ts). */
export interface JobResources {
  /** In a worker of its own: with the statement time-out of its `database`. */
  pool: Pool;
  /** The model. */
  embedder: Embedder;
  /** Reads files of the user: only where the process is the user's own. */
  transcripts: TranscriptReader;
  mode: 'server' | 'embedded';
  /** Activities are kept for this many days; 0 for ever. */
  activityDays: number;
  /** Requests and their costs are kept for this many days; 0 for ever. */
  costDays: number;
}

export const defineJob = jobDefiner<JobResources>();
