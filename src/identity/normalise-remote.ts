import { isAbsolute, resolve } from 'node:path';
import { realPath } from '../project/find-repository.js';

/**
 * The address of a repository without what differs between clones of one: the protocol, the user, the port, `.git`. A
 * folder is its real path, after `file:`.
 * @param folder what a relative path is relative to
 * @returns null for an empty one
 */
export function normaliseRemote(address: string, folder: string): string | null {
  const text = address.trim();
  if (text === '') return null;
  const url = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text);
  if (url?.[1]?.toLowerCase() === 'file') return nameFolder(decode(url[2] ?? ''), folder);
  // `host:path` as scp writes it; a drive of Windows has one letter.
  const scp = url ? null : /^(?:[^@/\\]+@)?(\[[^\]]+\]|[^:/\\]{2,}):(?!\/\/)(.*)$/.exec(text);
  if (!url && !scp) return nameFolder(text, folder);
  const [host = '', path = ''] = scp ? [scp[1], scp[2]] : splitAddress(url?.[2] ?? '');
  const server = host.toLowerCase().replace(/^(ssh|altssh)\./, '');
  const name = decode(path)
    .toLowerCase()
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    // Azure names one repository differently by protocol.
    .replace(/^v3\//, '')
    .replace(/\/_git\//, '/');
  return name === '' ? null : `${server}/${name}`;
}

function splitAddress(rest: string): [string, string] {
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  return [host, slash < 0 ? '' : rest.slice(slash)];
}

function nameFolder(path: string, folder: string): string {
  const real = realPath(isAbsolute(path) ? path : resolve(folder, path));
  return `file:${real.replace(/[\\/]+$/, '')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
