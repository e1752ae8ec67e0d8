import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { OnnxruntimeApi } from './current-runtime.js';

type SessionOptions = Parameters<typeof InferenceSession.create>[1];

/** Below the package's folder: scripts/bundle/pack-wasm.mjs. */
const FILE = join('dist', 'model-runtime', 'ort-wasm-simd-threaded.wasm.br');

/** Unpacks the WebAssembly build of onnxruntime, which runs on every system that Node runs on. */
export async function openWasmRuntime(packageRoot: string): Promise<OnnxruntimeApi> {
  const packed = await readFile(join(packageRoot, FILE));
  env.wasm.wasmBinary = await promisify(brotliDecompress)(packed);
  // Set, since transformers would name files on a server on the internet otherwise.
  env.wasm.wasmPaths = {};
  env.wasm.numThreads = 1;
  return { env, InferenceSession: { create: openSession }, Tensor };
}

/** The native build reads the model's file itself; this one would ask a server for it. */
async function openSession(model: string | Uint8Array, options?: SessionOptions) {
  return await InferenceSession.create(typeof model === 'string' ? await readFile(model) : model, options);
}
