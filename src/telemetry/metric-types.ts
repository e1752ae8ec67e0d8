/** State of a queue, as the process that works on it reads it. */
export interface QueueState {
  /** Jobs by state. */
  depth: Record<'waiting' | 'active' | 'delayed' | 'failed', number>;
  /** Age of the oldest waiting job, in ms; 0 without one. */
  oldestMs: number;
}

/** One priced request to a model, or the sum of several of one client and model. */
export interface UsageSample {
  /** Tokens by class: `input`, `output`, `cache_read`, `cache_write_5m`, `cache_write_1h`, `reasoning`. */
  tokens: Record<string, number>;
  /** Cost in US dollars; null when the model has no price. */
  costUsd: number | null;
  model: string;
  client: string;
  /** How the figures are known (src/accountability/usage.ts). */
  grade: string;
}

/** What can be measured. Each method takes plain values; names and units are in create-metrics.ts. */
export interface Metrics {
  /** A `tools/call` was answered. @param errorType absent when it succeeded */
  toolCalled(ms: number, call: { tool: string; transport: string; errorType?: string | undefined }): void;
  /** A request for locks was decided. */
  lockWaited(ms: number, outcome: 'granted' | 'refused'): void;
  /** Remembers when a lock was granted, until `lockEnded`. */
  lockGranted(lockId: string): void;
  /** A lock ended: its hold is measured where this process granted it. */
  lockEnded(lockId: string, event: 'release' | 'expire'): void;
  /** A search answered without one of its parts. */
  searchDegraded(part: string): void;
  /** An attempt of a job failed. */
  jobFailed(queue: string): void;
  /** A passage got its vector. @param ms since it was written */
  passageEmbedded(ms: number): void;
  recordUsage(sample: UsageSample): void;
  /** Reads a queue at each export. @returns how to end that */
  observeQueue(queue: string, read: () => Promise<QueueState>): () => void;
  /** Counts connected agents at each export. @returns how to end that */
  observeAgents(read: () => Promise<number>): () => void;
}
