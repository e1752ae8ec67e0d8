// @ts-check
// node bench/model-runtimes.mjs, after a build: the native build of onnxruntime against WebAssembly, both as the product runs
// them: time to load, processor time and memory for the same texts, and how far their vectors are apart.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const golden = JSON.parse(readFileSync(join(root, 'test', 'fixtures', 'golden.json'), 'utf8'));
/** @type {string[]} */
const texts = golden.vectors.map((/** @type {{ text: string }} */ { text }) => text);
const ROUNDS = 10;
const DIMENSIONS = 384;

const native = await measure('native');
const wasm = await measure('wasm');
const nearest = texts.map((_, index) => cosine(native.vectors, wasm.vectors, index));
for (const { name, loadMs, cpuMs, queryMs, peakMb } of [native, wasm])
  console.log(
    `${name}: loaded in ${loadMs} ms, ${cpuMs} ms of processor time a text, a query in ${queryMs} ms, ${peakMb} MB`,
  );
console.log(
  `vectors of ${texts.length} texts: cosine ${Math.min(...nearest).toFixed(4)} to ${Math.max(...nearest).toFixed(6)}`,
);

/** @param {'native' | 'wasm'} runtime */
async function measure(runtime) {
  const settings = { modelDir: join(root, 'models', 'all-MiniLM-L6-v2'), delayMs: 0, runtime };
  const start = performance.now();
  const child = fork(join(root, 'dist', 'model-thread.mjs'), [JSON.stringify(settings)], { serialization: 'advanced' });
  const answers = listen(child);
  const ready = await answers.next();
  if (ready.type !== 'ready') throw new Error(ready.error.message);
  const loadMs = Math.round(performance.now() - start);
  const { vectors } = await embed(texts);
  const before = processorMs(child.pid ?? 0);
  for (let round = 0; round < ROUNDS; round++) await embed(texts);
  const cpuMs = ((processorMs(child.pid ?? 0) - before) / ROUNDS / texts.length).toFixed(1);
  const queryStart = performance.now();
  for (let round = 0; round < ROUNDS; round++) await embed(['where are the retries of the payment job'], 'query');
  const queryMs = ((performance.now() - queryStart) / ROUNDS).toFixed(1);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1000);
  child.disconnect();
  return { name: `${runtime}, onnxruntime ${ready.runtime.version}`, loadMs, cpuMs, queryMs, peakMb, vectors };

  /**
   * @param {readonly string[]} some
   * @param {'passage' | 'query'} priority
   */
  async function embed(some, priority = 'passage') {
    child.send({ type: 'embed', id: 1, texts: some, priority, long: 'cut' });
    return await answers.next();
  }
}

/** @param {import('node:child_process').ChildProcess} child */
function listen(child) {
  /** @type {((answer: any) => void) | undefined} */
  let take;
  child.on('message', (answer) => take?.(answer));
  return {
    next: () =>
      new Promise((/** @type {(answer: any) => void} */ resolve) => {
        take = resolve;
      }),
  };
}

/** User and system time of a process, in ms; Linux. @param {number} pid */
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 * @param {number} index of the text
 */
function cosine(a, b, index) {
  let dot = 0;
  for (let i = index * DIMENSIONS; i < (index + 1) * DIMENSIONS; i++) dot += (a[i] ?? 0) * (b[i] ?? 0);
  return dot;
}
