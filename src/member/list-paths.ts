import type { Message } from './exchange.js';

/** Arguments of tools that hold paths or globs. */
const NAMES = ['files', 'patterns'] as const;
/** `popstash locks release` */
const RELEASE_LOCKS = 'popstash/release-locks';
/** A call with more is refused by its tool. */
const MAX_PATHS = 2_000;

/** The paths and globs in a message of a client: of a tool call, or of a command. */
export function listPathsOf({ method, params }: Message): string[] {
  if (method === 'tools/call') return listPaths(params?.arguments);
  // A path is also read as a folder there.
  return method === RELEASE_LOCKS ? listPaths(params).flatMap((path) => [path, `${path}/`]) : [];
}

/** The paths and globs in the arguments of a tool call, however a client writes a list. */
function listPaths(args: unknown): string[] {
  if (typeof args !== 'object' || args === null) return [];
  const values = NAMES.flatMap((name) => readList((args as Record<string, unknown>)[name]));
  return [...new Set(values)].slice(0, MAX_PATHS);
}

/** A list, a list as JSON in a string, or one text for a list of one. */
function readList(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((each): each is string => typeof each === 'string');
  if (typeof value !== 'string' || value.trim() === '') return [];
  if (!value.trimStart().startsWith('[')) return [value];
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? readList(parsed) : [value];
  } catch {
    return [value];
  }
}
