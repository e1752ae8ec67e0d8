// What the log of an embedded database lacks, by the record of how far it was written.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLogLoss, recordLogPosition } from '../../src/data-folder/store/written-log.js';
import { createFolder } from '../support/setup/folders.js';

const MB = 1024 * 1024;
const PAGE = 8_192;

/** A folder whose recovery begins at a position, with the segments of 1 MB from there to an end. */
function makeFolder(redo: number, end: number): string {
  const folder = createFolder();
  mkdirSync(join(folder, 'global'));
  mkdirSync(join(folder, 'pg_wal'));
  const control = Buffer.alloc(PAGE);
  control.writeBigUInt64LE(BigInt(redo), 40);
  writeFileSync(join(folder, 'global', 'pg_control'), control);
  for (let segment = Math.floor(redo / MB); segment * MB < end; segment += 1) {
    const bytes = Buffer.alloc(MB);
    for (let page = 0; page < MB && segment * MB + page < end; page += PAGE)
      bytes.writeBigUInt64LE(BigInt(segment * MB + page), page + 8);
    const name = `0000000100000000${segment.toString(16).toUpperCase().padStart(8, '0')}`;
    writeFileSync(join(folder, 'pg_wal', name), bytes);
  }
  return folder;
}

test.each([
  ['the log reaches as far as was recorded', 0x112_0000, null],
  ['it was recorded before the last checkpoint, and that part is removed', 0x10d_8d00, null],
  ['it was recorded further than the log reaches', 0x118_0000, 'pg_wal ends before what was last written'],
])('%s', async (_name, recorded, loss) => {
  const folder = makeFolder(0x111_ebd0, 0x113_0000);
  await recordLogPosition(folder, `0/${recorded.toString(16).toUpperCase()}`);
  expect(await findLogLoss(folder)).toBe(loss);
});
