/** Files that a patch or a command names. */
export interface PatchedFiles {
  files: string[];
  /** The same files by another reading of their names: meant where they exist. */
  perhaps: string[];
}

/** A header of the format of apply_patch. */
const HEADER = /^\*\*\* (?:(Add|Update|Delete) File|Move to): (.+)$/;
const FIRST_HEADER = /^([ \t]*)\*\*\* (?:Begin Patch|(?:Add|Update|Delete) File: )/m;
/** The two lines before the hunks of a file in a unified diff, and lines of git beside them. */
const OLD_FILE = /^[ \t]*--- (.+)$/;
const NEW_FILE = /^[ \t]*\+\+\+ (.+)$/;
const RENAMED = /^[ \t]*(?:rename|copy) (?:from|to) (.+)$/;
const GIT_FILES = /^[ \t]*diff --git (.+)$/;
const INDEX = /^[ \t]*Index: (.+)$/;
/** What diff writes behind a name where no tab separates it. */
const TIME = /\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$/;
const PREFIX = /^[a-z0-9]\//;

/** Reads a patch in the format of apply_patch or as a unified diff: also indented, and within a command's here-document. */
export function readPatch(text: string): PatchedFiles {
  // A command may hold the lines as one quoted argument.
  const lines = (text.includes('\n') ? text : text.replaceAll('\\n', '\n')).split('\n').map((line) => line.trimEnd());
  const found: PatchedFiles = { files: [], perhaps: [] };
  const first = FIRST_HEADER.exec(lines.join('\n'));
  if (first) found.files.push(...readHeaders(lines, first[1] ?? ''));
  else readUnified(lines, found);
  return { files: [...new Set(found.files)], perhaps: [...new Set(found.perhaps)] };
}

/** @param indent of the whole patch */
function readHeaders(lines: readonly string[], indent: string): string[] {
  const files: string[] = [];
  let isUpdate = false;
  for (const line of lines) {
    const own = line.startsWith(indent) ? line.slice(indent.length) : line;
    // In an update, a line that begins with a space is one of the file.
    const header = HEADER.exec(isUpdate ? own : own.trimStart());
    if (!header) continue;
    if (header[1] !== undefined) isUpdate = header[1] === 'Update';
    files.push((header[2] ?? '').trim());
  }
  return files;
}

function readUnified(lines: readonly string[], { files, perhaps }: PatchedFiles): void {
  const add = (text: string | undefined) => {
    const name = text === undefined ? null : readName(text);
    if (name === null) return;
    const bare = name.replace(PREFIX, '');
    files.push(bare);
    if (bare !== name) perhaps.push(name);
  };
  for (const [index, line] of lines.entries()) {
    const old = OLD_FILE.exec(line)?.[1];
    const next = old === undefined ? undefined : NEW_FILE.exec(lines[index + 1] ?? '')?.[1];
    if (next !== undefined) {
      add(old);
      add(next);
    }
    const renamed = (RENAMED.exec(line) ?? INDEX.exec(line))?.[1];
    if (renamed !== undefined) files.push(readName(renamed) ?? '');
    const both = GIT_FILES.exec(line)?.[1];
    if (both !== undefined) add(splitPair(both));
  }
}

/** The name in `diff --git a/NAME b/NAME`, where both are one: other lines tell of a renamed file. */
function splitPair(text: string): string | undefined {
  const quoted = QUOTED.exec(text)?.[0];
  if (quoted !== undefined) return quoted;
  const half = (text.length - 1) / 2;
  const [one, two] = [text.slice(0, half), text.slice(half + 1)];
  return text[half] === ' ' && one.replace(PREFIX, '') === two.replace(PREFIX, '') ? two : undefined;
}

/** A name in quotes, as git writes it: with backslashes before special characters, and bytes in octal. */
const QUOTED = /^"(?:[^"\\]|\\.)*"/;
const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Null for the name of no file. */
function readName(text: string): string | null {
  const quoted = QUOTED.exec(text.trim())?.[0];
  const name = quoted === undefined ? (text.split('\t')[0] ?? '').replace(TIME, '').trim() : unquote(quoted);
  return name === '/dev/null' || name === '' ? null : name;
}

function unquote(quoted: string): string {
  const bytes = Buffer.from(quoted.slice(1, -1)).toString('latin1');
  const raw = bytes.replace(/\\([0-7]{1,3}|.)/gs, (_match, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (ESCAPES[code] ?? code),
  );
  return Buffer.from(raw, 'latin1').toString();
}
