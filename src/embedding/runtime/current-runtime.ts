import type * as Onnxruntime from 'onnxruntime-common';

/** What transformers uses of it. */
export interface OnnxruntimeApi {
  env: typeof Onnxruntime.env;
  Tensor: typeof Onnxruntime.Tensor;
  InferenceSession: {
    create(model: string | Uint8Array, options?: Onnxruntime.InferenceSession.SessionOptions): Promise<unknown>;
  };
}

let current: OnnxruntimeApi | undefined;

/** Before transformers is imported, which reads it once. */
export function setRuntime(api: OnnxruntimeApi): void {
  current = api;
}

/** What transformers gets in place of onnxruntime-node (scripts/bundle/model-runtime.mjs). @throws Error when none is set */
export function currentRuntime(): OnnxruntimeApi {
  if (!current) throw new Error('no runtime is loaded: loadRuntime comes before transformers');
  return current;
}
