// Gives passages and queries their vectors. One process, one model; any number of processes.

import { runWorker } from '../src/app/run-worker.js';
import { readEnvironment } from '../src/config.js';
import { createEmbedder } from '../src/embedding/create-embedder.js';
import { findModel } from '../src/embedding/model-store.js';
import { startEmbeddingWork } from '../src/jobs/start-embedding-work.js';

await runWorker(readEnvironment(), {
  name: 'embedding',
  statementTimeoutMs: 10_000,
  poolSize: 6,
  start: async ({ config, ...parts }) => {
    const modelDir = findModel(config.packageRoot);
    const embedder = createEmbedder({ modelDir, delayMs: config.modelDelayMs, logger: parts.logger });
    await embedder.warmUp();
    const work = startEmbeddingWork({ ...parts, embedder, answersQueries: true });
    return {
      close: async () => {
        await work.close();
        await embedder.close();
      },
    };
  },
});
