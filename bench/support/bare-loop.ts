import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoTokenizer, env } from '@xenova/transformers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { findModel } from '../../src/embedding/model-store.js';
import { planBatches } from '../../src/embedding/plan-batches.js';

/** What the product is measured against: tokenizer, runtime and the same model file in a plain loop, nothing else. */
export interface BareLoop {
  /** ms for all texts, tokenized, sorted by length, in batches. */
  run(texts: readonly string[], batching: Batching): Promise<number>;
  close(): Promise<void>;
}

/** 16 texts at once, as everybody does; or the batches that our worker makes; or each text by itself. */
export type Batching = 'sixteen' | 'same' | 'single';

const CHILD = '--bare-loop';

/** True in the process that startBareLoop started: the benchmark then calls serveBareLoop and nothing else. */
export const isBareLoop = process.argv.includes(CHILD);

/** Starts this very program once more, as the loop in a process of its own. */
export async function startBareLoop(script: string): Promise<BareLoop> {
  const child = fork(fileURLToPath(script), [CHILD], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return {
    async run(texts, batching) {
      child.send({ texts, batching });
      const [ms] = (await once(child, 'message')) as [number];
      return ms;
    },
    async close() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

export async function serveBareLoop(): Promise<void> {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(findModel(), { local_files_only: true });
  const session = await InferenceSession.create(join(findModel(), 'onnx', 'model_quantized.onnx'), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });

  async function embed(batch: number[][]): Promise<void> {
    const width = Math.max(...batch.map((row) => row.length));
    const ids = new BigInt64Array(batch.length * width);
    const mask = new BigInt64Array(batch.length * width);
    batch.forEach((row, r) => {
      row.forEach((id, i) => {
        ids[r * width + i] = BigInt(id);
        mask[r * width + i] = 1n;
      });
    });
    const dims = [batch.length, width];
    const { last_hidden_state: hidden } = await session.run({
      input_ids: new Tensor('int64', ids, dims),
      attention_mask: new Tensor('int64', mask, dims),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), dims),
    });
    if (hidden) pool(hidden.data as Float32Array, batch, width);
  }

  process.on('message', ({ texts, batching }: { texts: string[]; batching: Batching }) => {
    void (async () => {
      const start = performance.now();
      const rows = texts.map((text) => tokenizer.encode(text).slice(0, 256));
      for (const batch of cut(rows, batching)) await embed(batch);
      process.send?.(performance.now() - start);
    })();
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

function cut(rows: number[][], batching: Batching): number[][][] {
  if (batching === 'single') return rows.map((row) => [row]);
  if (batching === 'same') return planBatches(rows);
  const sorted = [...rows].sort((a, b) => a.length - b.length);
  return Array.from({ length: Math.ceil(sorted.length / 16) }, (_, i) => sorted.slice(i * 16, i * 16 + 16));
}

function pool(hidden: Float32Array, batch: number[][], width: number): Float32Array[] {
  return batch.map((row, r) => {
    const vector = new Float32Array(384);
    for (let i = 0; i < row.length; i++) {
      const at = (r * width + i) * 384;
      for (let d = 0; d < 384; d++) vector[d] = vector[d]! + hidden[at + d]!;
    }
    const length = Math.hypot(...vector);
    return vector.map((x) => x / length);
  });
}
