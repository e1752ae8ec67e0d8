import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutoTokenizer, env } from '@xenova/transformers';
import { findModel } from '../../src/embedding/model-store.js';
import { findPackage } from '../../src/package-root.js';

/** Lines of one text: about 100 word pieces, like a function. */
const LINES = 8;

/**
 * Texts of the size of a function, from this repository's own sources, each different and none over `maxPieces`.
 * @param count as many as wanted: the sources come again with another heading when they run out
 */
export async function readCorpus(count: number, maxPieces = 254): Promise<string[]> {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(findModel(), { local_files_only: true });
  const { root } = findPackage();
  const blocks = ['src', 'test', 'scripts', 'docs']
    .flatMap((folder) => listFiles(join(root, folder)))
    .sort()
    .flatMap((file) => cutBlocks(readFileSync(file, 'utf8')))
    .filter((text) => tokenizer.encode(text).length <= maxPieces);
  return Array.from({ length: count }, (_, i) => {
    const text = blocks[i % blocks.length] ?? '';
    return i < blocks.length ? text : `part ${Math.floor(i / blocks.length)}\n${text}`;
  });
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function cutBlocks(source: string): string[] {
  const lines = source.split('\n').filter((line) => line.trim() !== '');
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; at += LINES) blocks.push(lines.slice(at, at + LINES).join('\n'));
  return blocks.filter((block) => block.length > 80);
}
