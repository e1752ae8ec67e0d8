// @ts-check
// Which files of node_modules this platform never loads. Used for the container image.

/** Text for people and tools, not for node; licences stay. */
const NEVER_LOADED = /\.(map|d\.ts|d\.mts|d\.cts|ts|md|markdown)$/;
/** onnxruntime-node carries the binaries of all platforms: bin/napi-v6/PLATFORM/ARCH/. */
const NATIVE = /onnxruntime-node\/bin\/napi-v\d+\/([^/]+)\/([^/]+)\//;

/**
 * @param {string} path a file's, with forward slashes, at least from its package's folder
 * @returns {boolean} true when node never loads it on this platform
 */
export function isUnused(path) {
  const [, platform, arch] = NATIVE.exec(path) ?? [];
  if (platform !== undefined) return platform !== process.platform || arch !== process.arch;
  return NEVER_LOADED.test(path) && !/licen[cs]e|notice/i.test(path);
}
