import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../config.js';
import { fromFolder } from '../definition/from-folder.js';
import type { ToolUse } from '../definition/hook-format.js';

/** The files of a tool call as paths, and those that no path stands for. */
export interface ResolvedFiles {
  files: string[];
  unread: string[];
}

const URL_SCHEME = /^(?:file:|[a-z][a-z0-9+.-]+:\/\/)/i;
/** `$NAME`, `${NAME}`, `%NAME%`. */
const VARIABLE = /\$(?:\{(\w+)\}|(\w+))|%(\w+)%/g;
/** What a path has for some clients alone: they expand it. */
const EXPANDED = /^~(?:\/|$)|\$[\w{]|%[0-9a-f]{2}|%\w+%/i;

/**
 * The paths that the files of a tool call stand for: URLs of files, a leading `~`, variables, bytes in hexadecimal; relative
 * ones begin in the folder that the call names, else in the client's. What exists under exactly its name is meant so.
 */
export function resolveFiles({ cwd, folder, files = [], perhaps = [] }: ToolUse, env: Environment): ResolvedFiles {
  const base = folder === undefined ? cwd : fromFolder(cwd, expand(folder, env));
  const resolved: ResolvedFiles = { files: [], unread: [] };
  for (const file of files) {
    const readings = read(file, base, env);
    resolved.files.push(...readings);
    if (readings.length === 0) resolved.unread.push(file);
  }
  resolved.files.push(...perhaps.map((file) => fromFolder(base, file)).filter((path) => existsSync(path)));
  return resolved;
}

/** Most files are what they are called: nothing is looked up for them. */
function read(file: string, base: string | undefined, env: Environment): string[] {
  if (URL_SCHEME.test(file)) return readUrl(file, base, env).filter((path) => !path.includes('\0'));
  const path = fromFolder(base, file);
  if (!EXPANDED.test(file) || existsSync(path)) return [path];
  const expanded = fromFolder(base, expand(file, env));
  const decoded = decode(expanded);
  return decoded !== expanded && existsSync(dirname(decoded)) ? [expanded, decoded] : [expanded];
}

function readUrl(url: string, base: string | undefined, env: Environment): string[] {
  const isFile = /^file:/i.test(url);
  try {
    if (isFile && /^file:\//i.test(url)) return [fileURLToPath(url)];
    // Editors have schemes of their own for files.
    const path = decode(new URL(url).pathname);
    if (!isFile) return existsSync(path) ? [path] : [];
  } catch {
    if (!isFile) return [];
  }
  // A relative path behind the scheme, which no standard knows.
  return [fromFolder(base, expand(decode(url.replace(/^file:(?:\/\/)?/i, '')), env))];
}

function expand(path: string, env: Environment): string {
  const home = env.HOME ?? env.USERPROFILE;
  const from = home !== undefined && /^~(?:\/|$)/.test(path) ? home + path.slice(1) : path;
  return from.replace(VARIABLE, (match, ...names) => {
    const name = names.slice(0, 3).find((each) => each !== undefined);
    return (name !== undefined && env[name]) || match;
  });
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
