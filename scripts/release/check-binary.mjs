// @ts-check
import { closeSync, openSync, readSync } from 'node:fs';

/** Enough for the headers of all three formats. */
const HEAD_BYTES = 4096;
/** e_machine of ELF, Machine of PE, cputype of Mach-O. @type {Record<string, Record<string, number>>} */
const MACHINES = {
  linux: { x64: 62, arm64: 183 },
  win32: { x64: 0x8664, arm64: 0xaa64 },
  darwin: { x64: 0x01000007, arm64: 0x0100000c },
};

/**
 * What cannot be run here is looked at: the format and the processor of a binary.
 * @param {string} file
 * @param {{ os: string, cpu: string }} system that it must be for
 * @throws Error when it is for another one
 */
export function checkBinary(file, { os, cpu }) {
  const found = readMachine(readHead(file), os);
  if (found === null || found !== MACHINES[os]?.[cpu]) throw new Error(`${file} is not a binary for ${os}-${cpu}`);
}

/** @param {string} file */
function readHead(file) {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    readSync(descriptor, head, 0, HEAD_BYTES, 0);
    return head;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * @param {Buffer} head
 * @param {string} os
 * @returns {number | null} null when it has not the format of that system
 */
function readMachine(head, os) {
  if (os === 'linux') return head.toString('latin1', 0, 4) === '\x7fELF' ? head.readUInt16LE(18) : null;
  if (os === 'darwin') return head.readUInt32LE(0) === 0xfeedfacf ? head.readUInt32LE(4) : null;
  if (head.toString('latin1', 0, 2) !== 'MZ') return null;
  const start = head.readUInt32LE(0x3c);
  const isPe = start < HEAD_BYTES - 6 && head.toString('latin1', start, start + 4) === 'PE\0\0';
  return isPe ? head.readUInt16LE(start + 4) : null;
}
