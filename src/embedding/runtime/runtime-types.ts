/** POPSTASH_MODEL_RUNTIME: `auto` is the native build of onnxruntime where it can be loaded, else WebAssembly. */
export type RuntimeChoice = 'auto' | 'native' | 'wasm';

/** The build of onnxruntime that runs the model. */
export interface RuntimeInfo {
  kind: 'native' | 'wasm';
  /** Of onnxruntime. */
  version: string;
  /** Why the native build does not run; null where it does. */
  reason: string | null;
}

/** Native builds that are published, each as `@popstash/runtime-PLATFORM-ARCH` (scripts/release/platforms.mjs). */
const NATIVE_PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'];

/** Whether a native build exists for this system. On Linux it needs glibc, which musl is not. */
export function hasNativeBuild(platform: string, arch: string, isMusl: boolean): boolean {
  return !isMusl && NATIVE_PLATFORMS.includes(`${platform}-${arch}`);
}
