import { readFileSync } from 'node:fs';
import { sep } from 'node:path';

/** File systems whose files are elsewhere, or are another program's: they stop answering as a whole. */
const DISTANT = /^(nfs|cifs|smb|fuse|9p|ceph|afs|autofs|gluster|lustre|davfs|ncp|coda|vboxsf|prl_fs)/;

/**
 * What does not answer when a folder does not: all of a network mount, else the folder alone. Asks the kernel, which waits for
 * no file.
 */
export function findSilentPlace(folder: string): string {
  let mounts: string;
  try {
    mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    // Another system than Linux.
    return folder;
  }
  let place = folder;
  let length = 0;
  for (const line of mounts.split('\n')) {
    const [facts = '', source = ''] = line.split(' - ');
    const mount = decode(facts.split(' ')[4] ?? '');
    // Of two at one path the later one hides the other.
    if (mount.length < length || !isWithinPlace(folder, mount)) continue;
    length = mount.length;
    place = DISTANT.test(source.split(' ')[0] ?? '') ? mount : folder;
  }
  return place;
}

export function isWithinPlace(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(sep) ? place : place + sep);
}

/** Spaces and others stand as `\040`. */
function decode(path: string): string {
  return path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
