import { type JobList, workerOf } from '../queue/define-job.js';
import type { Producer } from '../queue/producer-types.js';
import { costRollup } from './cost-rollup.js';
import { embedding } from './embedding.js';
import { lockExpiry } from './lock-expiry.js';
import { maintenance } from './maintenance.js';
import { purgeActivities } from './purge-activities.js';
import { queryEmbedding } from './query-embedding.js';
import { readTranscripts } from './read-transcripts.js';

/** Every job. Workers, the local server, the dashboard and the processes that give jobs go by this list. */
export const jobs = [
  embedding,
  queryEmbedding,
  lockExpiry,
  maintenance,
  costRollup,
  purgeActivities,
  readTranscripts,
] as const;

export type JobProducer = Producer<typeof jobs>;

/** The worker processes, each of which runs one or more of the jobs (`popstash worker NAME`, workers/NAME.ts). */
export const workerNames: readonly string[] = [
  ...new Set((jobs as JobList).filter(({ runsIn }) => runsIn.includes('container')).map(workerOf)),
];
