import { readdirSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceRecord } from './replace-record.js';

// PostgreSQL ends its recovery where the log ends, and can't know that more was there. How far it was written is therefore
// recorded beside it.

/** Below the database folder; holds a position as PostgreSQL words it, such as 0/D56E28. */
const RECORD = 'popstash-log-position';
const SEGMENT = /^[0-9A-F]{24}$/;
/** Of PostgreSQL: of a page of the log, and the place of its address in the page's header. */
const PAGE_BYTES = 8_192n;
const ADDRESS_AT = 8;
/** Of pg_control: the place of the position from which the log is needed. */
const REDO_AT = 40;
/** A log that is longer is looked at only where it ends. */
const MAX_CHECKED_BYTES = 64n * 1024n * 1024n;
const MIN_SEGMENT_BYTES = 1024 * 1024;

/** Records that the log is on the disk up to this position. */
export async function recordLogPosition(folder: string, position: string): Promise<void> {
  await replaceRecord(join(folder, RECORD), position);
}

/** What the log lacks, in words; null when nothing is known to be missing. */
export async function findLogLoss(folder: string): Promise<string | null> {
  const place = join(folder, 'pg_wal');
  const sizes = new Map(
    readdirSync(place)
      .filter((name) => SEGMENT.test(name))
      .map((name) => [name, statSync(join(place, name)).size] as const),
  );
  if (sizes.size === 0) return 'pg_wal holds no log';
  const whole = Math.max(MIN_SEGMENT_BYTES, ...sizes.values());
  for (const [name, size] of sizes) {
    if (size !== whole) return `pg_wal/${name} has ${size} of ${whole} bytes`;
  }
  const position = parsePosition(await readFile(join(folder, RECORD), 'utf8').catch(() => ''));
  if (position === null || position === 0n) return null;
  const begin = await readRedo(folder);
  // All that the record knows of is in the tables: PostgreSQL has removed that part of the log, or uses its files again.
  if (begin >= position) return null;
  const from = position - begin < MAX_CHECKED_BYTES ? begin : position - 1n;
  for (let page = from - (from % PAGE_BYTES); page < position; page += PAGE_BYTES) {
    if (!(await holdsPage(place, page, BigInt(whole)))) return 'pg_wal ends before what was last written';
  }
  return null;
}

function parsePosition(text: string): bigint | null {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/.exec(text.trim()) ?? [];
  return high === undefined || low === undefined ? null : (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Where the recovery of this database begins, by pg_control. */
async function readRedo(folder: string): Promise<bigint> {
  return (await readFile(join(folder, 'global', 'pg_control'))).readBigUInt64LE(REDO_AT);
}

/** Whether a page of the log was written: it begins with its own address. */
async function holdsPage(place: string, page: bigint, segmentBytes: bigint): Promise<boolean> {
  const number = page / segmentBytes;
  const perFile = 0x1_0000_0000n / segmentBytes;
  // An embedded database has one timeline.
  const name = [1n, number / perFile, number % perFile].map((part) => hex(part)).join('');
  try {
    const file = await open(join(place, name), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, Number(page % segmentBytes) + ADDRESS_AT);
      return bytesRead === 8 && buffer.readBigUInt64LE() === page;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

function hex(part: bigint): string {
  return part.toString(16).toUpperCase().padStart(8, '0');
}
