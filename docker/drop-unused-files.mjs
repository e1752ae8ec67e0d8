// Makes an image's packages small: drops what this platform never loads. usage: drop-unused-files.mjs FOLDER
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isUnused } from '../scripts/unused-files.mjs';

const root = process.argv[2];
if (!root) throw new Error('usage: drop-unused-files.mjs FOLDER');

let bytes = 0;
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !isUnused(path)) continue;
  bytes += statSync(path).size;
  rmSync(path);
}
console.error(`dropped ${Math.round(bytes / 1e6)} MB that ${process.platform}/${process.arch} never loads`);
