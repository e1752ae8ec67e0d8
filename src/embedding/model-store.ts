import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.js';
import { findPackage } from '../package-root.js';

/** Lines of SHA256SUMS: 64 hexadecimal digits, two characters, a path. */
const SUM_LINE = /^([0-9a-f]{64}) [ *](\S.*)$/;

/** Read at once when the files are verified. */
const READ_BYTES = 256 * 1024;

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
  const actual = await hashFile(join(modelDir, path)).catch((cause: unknown) => {
    throw corrupt(modelDir, `${path} can not be read`, cause);
  });
  if (actual !== expected) throw corrupt(modelDir, `${path} has SHA-256 ${actual}, not ${expected}`);
}

/** By way of one buffer: those of a stream would stay in memory, as much as the model takes, until some garbage is collected. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

function corrupt(modelDir: string, what: string, cause?: unknown): AppError {
  return new AppError({
    code: 'corrupt_model',
    message: `The embedding model in ${modelDir} is missing or damaged: ${what}.`,
    fix: 'Reinstall PopStash (npm install popstash), or in a clone run `git checkout -- models`. Until then search is by words and names.',
    cause,
  });
}
