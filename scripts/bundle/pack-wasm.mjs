// @ts-check
// The WebAssembly build of onnxruntime, compressed, for systems without a native one: dist/model-runtime. Unpacked it has
// 14 MB; it is unpacked into memory when the model is loaded, in about a tenth of a second.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const NAME = 'ort-wasm-simd-threaded.wasm';

/**
 * Compressing takes half a minute, so the result is kept for later builds.
 * @param {string} root the repository
 * @param {string} outdir of the bundle
 */
export function packWasm(root, outdir) {
  const wasm = readFileSync(join(root, 'node_modules', 'onnxruntime-web', 'dist', NAME));
  const hash = createHash('sha256').update(wasm).digest('hex').slice(0, 16);
  const cache = join(root, 'node_modules', '.cache', 'popstash');
  const kept = join(cache, `${NAME}-${hash}.br`);
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(kept, compress(wasm));
  }
  mkdirSync(join(outdir, 'model-runtime'), { recursive: true });
  writeFileSync(join(outdir, 'model-runtime', `${NAME}.br`), readFileSync(kept));
}

/** @param {Buffer} bytes */
function compress(bytes) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_LGWIN]: 24, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params });
}
