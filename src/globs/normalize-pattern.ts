import { statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { checkPatternText } from './check-pattern-text.js';
import { checkSegments } from './check-segments.js';
import { compileNodes } from './compile-pattern.js';
import { foldCase } from './fold-case.js';
import { foldNodes } from './fold-nodes.js';
import { GlobError, type GlobFault } from './glob-error.js';
import { literalNodes } from './literal-nodes.js';
import { parseGlob } from './parse-glob.js';
import type { GlobNode, Pattern } from './pattern-types.js';
import { literalSegment, resolveSegments, type Segment, splitSegments } from './resolve-segments.js';
import { writeGlob } from './write-glob.js';

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
/** PostgreSQL's B-tree refuses entries of more than 2,704 bytes, and the project's id is part of the entry. */
const MAX_PREFIX_BYTES = 2048;
/** Each folder of a literal prefix is one key that the locks of others are searched by. */
const MAX_FOLDERS = 128;
/** A text without these is literal. */
export const HAS_SPECIAL = /[*?[\]{}()!\\]/;
const HAS_WILDCARD = /[*?]/;

/**
 * Turns what an agent or person wrote into the one form that is stored and compared. A folder, written `src/` or found
 * to be one, means all that is in it; a file that exists by exactly that name is meant literally, whatever its
 * characters. The text is parsed once.
 * @throws GlobError with the problem and the fix
 */
export function normalizePattern(input: string, options: NormalizeOptions): Pattern {
  checkPatternText(input);
  if (options.isFile) {
    const { pattern, fault } = nameFile(input, options);
    if (fault) throw new GlobError(fault.problem, fault.fix);
    return pattern;
  }
  const text = toWritten(input);
  const exists = options.exists ?? ((path: string) => lookUp(options.worktree, path));
  const resolve = (segments: readonly Segment[]) =>
    resolveSegments(segments, { ...options, isAbsolute: isAbsolute(text) });

  const names = text.split('/').map(literalSegment);
  const named = HAS_SPECIAL.test(text) ? findNamed(resolve(names), exists) : null;
  const segments = named ?? nameFolders(resolve(splitSegments(text, parseGlob(text))), exists);
  const isLiteral = segments.every((segment) => segment.literal !== null);
  const endsAsFolder = ['', '.', '..'].includes(names.at(-1)?.text ?? '') || segments.length === 0;
  if (endsAsFolder || (isLiteral && exists(joinNames(segments)) === 'folder')) {
    return globPattern([...segments, GLOBSTAR], options.foldsCase);
  }
  if (!isLiteral) return globPattern(segments, options.foldsCase);
  const pattern = literalPattern(segments, options.foldsCase);
  checkPrefix(pattern.key);
  return pattern;
}

/** The literal that stands for a file, whatever its name. */
export interface NamedFile {
  pattern: Pattern;
  /** Why no lock can have this name: it can be compared with those of others, and not be stored. */
  fault: GlobFault | null;
}

/**
 * Turns the path of a file into the form that is compared.
 * @throws GlobError for a path that leads out of the worktree, or to its top folder
 */
export function nameFile(input: string, { worktree, foldsCase }: NormalizeOptions): NamedFile {
  const text = toWritten(input);
  const names = text.split('/').map(literalSegment);
  const pattern = literalPattern(
    resolveSegments(names, { worktree, foldsCase, isAbsolute: isAbsolute(text) }),
    foldsCase,
  );
  return { pattern, fault: findFault(input, pattern.key) };
}

function findFault(input: string, key: string): GlobFault | null {
  try {
    checkPatternText(input);
    checkPrefix(key);
    return null;
  } catch (error) {
    if (error instanceof GlobError) return { problem: error.problem, fix: error.fix };
    throw error;
  }
}

/** Composed, and with '/' between folders. */
function toWritten(input: string): string {
  const composed = input.normalize('NFC');
  return sep === '\\' ? composed.replaceAll('\\', '/') : composed;
}

const GLOBSTAR: Segment = { text: '**', nodes: [{ kind: 'globstar' }], literal: null };

/** The input taken as a name, where a file or folder of that name exists. */
function findNamed(names: Segment[], exists: (path: string) => 'file' | 'folder' | null): Segment[] | null {
  return names.length > 0 && exists(joinNames(names)) ? names : null;
}

/** Leading folders that exist by exactly that name, such as `app/[id]` in `app/[id]/*.tsx`, are meant literally. */
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

function literalPattern(segments: readonly Segment[], foldsCase: boolean): Pattern {
  if (segments.length === 0) {
    throw new GlobError('is the project folder itself, which is no file', 'Give the path of a file in it.');
  }
  const pattern = joinNames(segments);
  const key = foldsCase ? foldCase(pattern) : pattern;
  return { pattern, key, isGlob: false, literalPrefix: key };
}

function globPattern(all: readonly Segment[], foldsCase: boolean): Pattern {
  // `**/**` is `**`.
  const segments = all.filter(
    (segment, index) => !(isGlobstar(segment) && all.slice(index + 1, index + 2).some(isGlobstar)),
  );
  const nodes = joinNodes(segments);
  const compared = foldsCase ? foldNodes(nodes) : nodes;
  checkSegments(compared);
  const key = writeGlob(compared);
  // Refuses a glob that is too complex to compare.
  const { literalPrefix } = compileNodes(key, compared);
  checkPrefix(literalPrefix);
  return { pattern: segments.map((segment) => segment.text).join('/'), key, isGlob: true, literalPrefix };
}

function checkPrefix(literalPrefix: string): void {
  if (literalPrefix.split('/').length > MAX_FOLDERS) {
    throw new GlobError(`names more than ${MAX_FOLDERS} folders`, 'Give a folder further up.');
  }
  if (Buffer.byteLength(literalPrefix) <= MAX_PREFIX_BYTES) return;
  throw new GlobError(`has more than ${MAX_PREFIX_BYTES} bytes`, 'Give the folder that holds the files.');
}

function joinNodes(segments: readonly Segment[]): GlobNode[] {
  return segments.flatMap(({ literal, nodes }, index): GlobNode[] => {
    const own = literal === null ? nodes : literalNodes(literal);
    return index === 0 ? [...own] : [{ kind: 'slash', at: 0 }, ...own];
  });
}

function isGlobstar({ nodes }: Segment): boolean {
  return nodes.length === 1 && nodes[0]?.kind === 'globstar';
}

function joinNames(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.literal ?? segment.text).join('/');
}

/** What is at a path. Names are kept composed (NFC); a disk may hold them decomposed. */
export function lookUp(worktree: string, path: string): 'file' | 'folder' | null {
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
