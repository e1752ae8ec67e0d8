import { readFileSync } from 'node:fs';
import type { Environment } from '../../config.js';
import { formats } from '../clients/formats/format-list.js';
import type { HookFormat } from '../definition/hook-format.js';
import type { Fields } from '../definition/payload-fields.js';

/**
 * The client that runs a hook of the first client's files, where it is another one that runs them too.
 * @param named the client that the hook's command names
 */
export function findRunner(named: HookFormat, fields: Fields, env: Environment): HookFormat {
  if (named !== formats[0]) return named;
  return formats.find(({ borrows }) => borrows?.isRunner(fields, env)) ?? named;
}

/** Whether a client has hooks of PopStash in files of its own, which it runs besides: the borrowed one has nothing to do. */
export function hasOwnHooks({ borrows }: HookFormat, folder: string, home: string): boolean {
  return borrows?.ownFiles(folder, home).some(namesPopstash) ?? false;
}

/** The same of the hook of a plugin, and the client's settings. */
export function hasSettingsHooks({ settingsFiles }: HookFormat, folder: string, env: Environment): boolean {
  return settingsFiles?.(folder, env).some(namesPopstash) ?? false;
}

function namesPopstash(path: string): boolean {
  try {
    return /\bhook(?:\.cjs)? pre-tool-use\b/.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}
