// Importing this loads the native binding: only `loadRuntime` does.
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxruntimeApi } from './current-runtime.js';

export const nativeRuntime: OnnxruntimeApi = { env, InferenceSession, Tensor };
