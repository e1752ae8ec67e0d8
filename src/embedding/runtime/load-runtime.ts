import { AppError } from '../../errors.js';
import { setRuntime } from './current-runtime.js';
import type { RuntimeChoice, RuntimeInfo } from './runtime-types.js';

/**
 * Loads the build of onnxruntime that transformers will use; `run-model.ts` is imported after it.
 * @throws AppError `not_ready` when the native build is asked for and can't be loaded
 */
export async function loadRuntime(choice: RuntimeChoice, packageRoot: string): Promise<RuntimeInfo> {
  if (choice === 'wasm') return await useWasm(packageRoot, 'POPSTASH_MODEL_RUNTIME asks for it');
  try {
    return await useNative();
  } catch (cause) {
    const reason = firstLine(cause);
    if (choice === 'native') throw nativeFailed(reason, cause);
    return await useWasm(packageRoot, reason);
  }
}

async function useNative(): Promise<RuntimeInfo> {
  const { nativeRuntime } = await import('./native-runtime.js');
  setRuntime(nativeRuntime);
  return { kind: 'native', version: nativeRuntime.env.versions.node ?? 'unknown', reason: null };
}

async function useWasm(packageRoot: string, reason: string): Promise<RuntimeInfo> {
  const { openWasmRuntime } = await import('./wasm-runtime.js');
  const api = await openWasmRuntime(packageRoot);
  setRuntime(api);
  return { kind: 'wasm', version: api.env.versions.web ?? 'unknown', reason };
}

function nativeFailed(reason: string, cause: unknown): AppError {
  return new AppError({
    code: 'not_ready',
    message: `The native build of onnxruntime can not be loaded: ${reason}.`,
    fix: 'Install PopStash again without --omit=optional, or unset POPSTASH_MODEL_RUNTIME: then WebAssembly runs the model.',
    cause,
  });
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}
