import { statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { checkPatternText } from './check-pattern-text.js';
import { checkSegments } from './check-segments.js';
import { compileGlob } from './compile-pattern.js';
import { foldCase } from './fold-case.js';
import { parseGlob } from './parse-glob.js';
import type { Pattern } from './pattern-types.js';
import { refusePattern } from './refuse-pattern.js';
import { literalSegment, resolveSegments, type Segment, splitSegments } from './resolve-segments.js';
import { escapeGlob, writeGlob } from './write-glob.js';

export interface NormalizeOptions {
  /** Top folder of the worktree, absolute; patterns are relative to it. */
  worktree: string;
  /** See `detectCaseFolding`. */
  foldsCase: boolean;
  /** The input is the path of one file, as editors report it: nothing in it is special. */
  isFile?: boolean;
  /** What is at a path relative to the worktree; looks at the file system unless given. */
  exists?: (relativePath: string) => 'file' | 'folder' | null;
}

/** Folders deeper than this are not looked up. */
const MAX_LOOKED_UP = 64;
const MAX_BASE_BYTES = 2048;
/** Each is looked for among the locks of others (`listPoints`). */
const MAX_FOLDERS = 128;
const HAS_SPECIAL = /[*?[\]{}()!\\]/;
const HAS_WILDCARD = /[*?]/;

/**
 * Turns what an agent or person wrote into the one form that is stored and compared. A folder, written `src/` or found
 * to be one, is all that is in it; a file that exists by that very name is meant literally, whatever its characters.
 * @throws AppError `invalid_argument` naming the pattern and the fix.
 */
export function normalizePattern(input: string, options: NormalizeOptions): Pattern {
  checkPatternText(input);
  const composed = input.normalize('NFC');
  const text = sep === '\\' ? composed.replaceAll('\\', '/') : composed;
  const exists = options.exists ?? ((path: string) => lookUp(options.worktree, path));
  const resolve = (segments: readonly Segment[]) =>
    resolveSegments(input, segments, { ...options, isAbsolute: isAbsolute(text) });

  const names = text.split('/').map(literalSegment);
  if (options.isFile) return literalPattern(input, resolve(names), options.foldsCase);

  const named = HAS_SPECIAL.test(text) ? findNamed(resolve(names), exists) : null;
  const segments = named ?? nameFolders(resolve(splitSegments(text, parseGlob(text))), exists);
  const isLiteral = segments.every((segment) => segment.literal !== null);
  const endsAsFolder = ['', '.', '..'].includes(names.at(-1)?.text ?? '') || segments.length === 0;
  if (endsAsFolder || (isLiteral && exists(joinNames(segments)) === 'folder')) {
    return globPattern(input, [...segments, GLOBSTAR], options.foldsCase);
  }
  return isLiteral
    ? literalPattern(input, segments, options.foldsCase)
    : globPattern(input, segments, options.foldsCase);
}

const GLOBSTAR: Segment = { text: '**', nodes: [{ kind: 'globstar' }], literal: null };

/** The input taken by its very name, if that is there. */
function findNamed(names: Segment[], exists: (path: string) => 'file' | 'folder' | null): Segment[] | null {
  return names.length > 0 && exists(joinNames(names)) ? names : null;
}

/** Leading folders that exist by their very name, such as `app/[id]` in `app/[id]/*.tsx`, are meant literally. */
function nameFolders(segments: readonly Segment[], exists: (path: string) => 'file' | 'folder' | null): Segment[] {
  const named = [...segments];
  for (const [index, segment] of named.entries()) {
    if (segment.literal !== null) continue;
    if (index >= MAX_LOOKED_UP || HAS_WILDCARD.test(segment.text)) break;
    const name = literalSegment(segment.text);
    if (!exists(joinNames([...named.slice(0, index), name]))) break;
    named[index] = name;
  }
  return named;
}

function literalPattern(input: string, segments: readonly Segment[], foldsCase: boolean): Pattern {
  if (segments.length === 0) {
    throw refusePattern(input, 'is the project folder itself, which is no file', 'Give the path of a file in it.');
  }
  const pattern = joinNames(segments);
  const key = foldsCase ? foldCase(pattern) : pattern;
  checkBase(input, key);
  return { pattern, key, isGlob: false, base: key };
}

function globPattern(input: string, all: readonly Segment[], foldsCase: boolean): Pattern {
  // `**/**` is `**`.
  const segments = all.filter(
    (segment, index) => !(isGlobstar(segment) && all.slice(index + 1, index + 2).some(isGlobstar)),
  );
  const key = segments.map((segment) => writeSegment(segment, foldsCase)).join('/');
  checkSegments(input, parseGlob(key));
  // Refuses what is too complex to compare.
  const { base } = compileGlob(key, input);
  checkBase(input, base);
  return { pattern: segments.map((segment) => segment.text).join('/'), key, isGlob: true, base };
}

/** PostgreSQL's B-tree refuses entries of more than 2,704 bytes, and the project's id goes with the base. */
function checkBase(input: string, base: string): void {
  if (base.split('/').length > MAX_FOLDERS) {
    throw refusePattern(input, `names more than ${MAX_FOLDERS} folders`, 'Give a folder further up.');
  }
  if (Buffer.byteLength(base) <= MAX_BASE_BYTES) return;
  throw refusePattern(input, `has more than ${MAX_BASE_BYTES} bytes`, 'Give the folder that holds the files.');
}

function writeSegment({ literal, nodes }: Segment, foldsCase: boolean): string {
  if (literal === null) return writeGlob(nodes, foldsCase);
  return escapeGlob(foldsCase ? foldCase(literal) : literal);
}

function isGlobstar({ nodes }: Segment): boolean {
  return nodes.length === 1 && nodes[0]?.kind === 'globstar';
}

function joinNames(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.literal ?? segment.text).join('/');
}

/** Names are kept composed (NFC); a disk may hold them decomposed. */
function lookUp(worktree: string, path: string): 'file' | 'folder' | null {
  for (const form of new Set([path, path.normalize('NFD')])) {
    try {
      const found = statSync(join(worktree, form), { throwIfNoEntry: false });
      if (found) return found.isDirectory() ? 'folder' : 'file';
    } catch {
      // A name too long or a loop of links: nothing there.
    }
  }
  return null;
}
