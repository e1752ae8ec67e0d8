// @ts-check
// The systems with a native build of onnxruntime, one package each (@popstash/runtime-NAME). npm installs the one whose
// `os`, `cpu` and `libc` fit. Everywhere else the model runs as WebAssembly, which is in the main package.

/**
 * @typedef {object} Platform
 * @property {string} name as the program looks for it: src/embedding/runtime/native-binding.ts
 * @property {string} os as npm and Node call it
 * @property {string} cpu
 * @property {string} [libc]
 * @property {readonly string[]} files of onnxruntime-node/bin/napi-v6/OS/CPU
 */

const BINDING = 'onnxruntime_binding.node';

/**
 * What the processor needs; the same library under a second name and what WebGPU alone would load stay out. DirectML.dll
 * stays, since onnxruntime.dll names it.
 * @type {readonly Platform[]}
 */
export const PLATFORMS = [
  { name: 'linux-x64', os: 'linux', cpu: 'x64', libc: 'glibc', files: [BINDING, 'libonnxruntime.so.1'] },
  { name: 'linux-arm64', os: 'linux', cpu: 'arm64', libc: 'glibc', files: [BINDING, 'libonnxruntime.so.1'] },
  { name: 'darwin-arm64', os: 'darwin', cpu: 'arm64', files: [BINDING, 'libonnxruntime.1.dylib'] },
  { name: 'win32-x64', os: 'win32', cpu: 'x64', files: [BINDING, 'onnxruntime.dll', 'DirectML.dll'] },
];

/** @param {Platform} platform */
export function runtimeName({ name }) {
  return `@popstash/runtime-${name}`;
}
