import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.js';
import { findPackage } from '../package-root.js';

/** Lines of SHA256SUMS: 64 hexadecimal digits, two characters, a path. */
const SUM_LINE = /^([0-9a-f]{64}) [ *](\S.*)$/;

/** Absolute folder of the model that ships with the package. */
export function findModel(packageRoot: string = findPackage().root): string {
  return join(packageRoot, 'models', 'all-MiniLM-L6-v2');
}

/**
 * Reads every file of the model once and compares it with SHA256SUMS (about 0.1 s for 24 MB). A damaged model gives
 * plausible but wrong vectors, which nothing would detect later.
 * @throws AppError `corrupt_model` naming the file.
 */
export async function verifyModel(modelDir: string): Promise<void> {
  const sums = parseSums(modelDir, await readSums(modelDir));
  await Promise.all(sums.map(({ path, sha256 }) => verifyFile(modelDir, path, sha256)));
}

async function readSums(modelDir: string): Promise<string> {
  try {
    return await readFile(join(modelDir, 'SHA256SUMS'), 'utf8');
  } catch (cause) {
    throw corrupt(modelDir, 'SHA256SUMS can not be read', cause);
  }
}

function parseSums(modelDir: string, text: string): { path: string; sha256: string }[] {
  const sums = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, sha256, path] = SUM_LINE.exec(line.trimEnd()) ?? [];
      if (!sha256 || !path) throw corrupt(modelDir, 'SHA256SUMS is not a list of checksums');
      return { path, sha256 };
    });
  for (const needed of ['onnx/model_quantized.onnx', 'tokenizer.json', 'tokenizer_config.json', 'config.json']) {
    if (!sums.some(({ path }) => path === needed)) throw corrupt(modelDir, `SHA256SUMS does not name ${needed}`);
  }
  return sums;
}

async function verifyFile(modelDir: string, path: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(join(modelDir, path), { highWaterMark: 1 << 20 }), hash);
  } catch (cause) {
    throw corrupt(modelDir, `${path} can not be read`, cause);
  }
  const actual = hash.digest('hex');
  if (actual !== expected) throw corrupt(modelDir, `${path} has SHA-256 ${actual}, not ${expected}`);
}

function corrupt(modelDir: string, what: string, cause?: unknown): AppError {
  return new AppError({
    code: 'corrupt_model',
    message: `The embedding model in ${modelDir} is missing or damaged: ${what}.`,
    fix: 'Reinstall PopStash (npm install popstash), or in a clone run `git checkout -- models`. Until then search is by words and names.',
    cause,
  });
}
