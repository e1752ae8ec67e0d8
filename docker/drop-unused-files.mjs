// Makes an image's node_modules small: drops what this platform never loads. usage: drop-unused-files.mjs NODE_MODULES
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2];
if (!root) throw new Error('usage: drop-unused-files.mjs NODE_MODULES');

/** Text for people and tools, not for node; licences stay. */
const NEVER_LOADED = /\.(map|d\.ts|d\.mts|d\.cts|ts|md|markdown)$/;
/** The web flavour of the runtime is imported but never run: its engines can go. */
const WEB_ENGINE = /onnxruntime-web\/dist\/.*\.wasm$/;
/** onnxruntime-node carries the binaries of all platforms: bin/napi-v6/PLATFORM/ARCH/. */
const NATIVE = /onnxruntime-node\/bin\/napi-v\d+\/([^/]+)\/([^/]+)\//;

function isUnused(path) {
  const [, platform, arch] = NATIVE.exec(path) ?? [];
  if (platform !== undefined) return platform !== process.platform || arch !== process.arch;
  return WEB_ENGINE.test(path) || (NEVER_LOADED.test(path) && !/licen[cs]e|notice/i.test(path));
}

let bytes = 0;
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !isUnused(path)) continue;
  bytes += statSync(path).size;
  rmSync(path);
}
console.error(`dropped ${Math.round(bytes / 1e6)} MB that ${process.platform}/${process.arch} never loads`);
