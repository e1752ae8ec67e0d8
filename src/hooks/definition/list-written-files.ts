import { asText, type Fields } from './payload-fields.js';
import { type PatchedFiles, readPatch } from './read-patch.js';

/** Files that a call of a tool is about to write, as it names them. */
export interface WrittenFiles extends PatchedFiles {
  /** The folder that the call itself names: its relative paths begin there. */
  folder: string | undefined;
  /** Why there may be others. */
  unchecked: string | undefined;
}

/** Fields that name files, without case and separators: one, a list, or objects with such fields. */
const PATH_FIELDS = new Set(
  (
    'path paths filepath filepaths file files filename filenames absolutepath relativepath targetfile targetfiles ' +
    'targetpath targetnotebook notebookpath notebook uri uris fileuri documenturi fspath oldpath newpath oldfilepath ' +
    'newfilepath movepath moveto'
  ).split(' '),
);
/** The same of tools that move files. */
const MOVE_FIELDS = new Set('source sourcepath destination destinationpath target from to oldname newname'.split(' '));
const MOVES = /move|rename|copy/;
/** Fields that hold an object with a field for each file, by its path. */
const MAP_FIELDS = new Set(['changes', 'filechanges', 'files', 'edits']);
const PATCH_FIELDS = new Set([
  'patch',
  'patchtext',
  'diff',
  'unifieddiff',
  'input',
  'command',
  'cmd',
  'changes',
  'edits',
]);
/** Fields with what is written: nothing in them names a file. */
const CONTENT_FIELDS = new Set(
  (
    'content contents filecontent filecontents filetext text newtext oldtext newstring oldstring newstr oldstr newsource ' +
    'code codeedit instruction instructions explanation description replacement search replace insert data body cells'
  ).split(' '),
);
const FOLDER_FIELDS = new Set(
  (
    'cwd workdir workingdir workingdirectory basedir basepath rootdir rootpath projectroot projectpath workspaceroot ' +
    'workspacefolder repopath'
  ).split(' '),
);

/** Files of one call that are checked. */
export const MAX_FILES = 1_000;
/** Characters of a path: no system takes a longer one. */
const MAX_PATH_CHARS = 4_096;
const MAX_DEPTH = 8;
const MAX_VALUES = 20_000;

/** Reads which files a tool call writes, whatever form its client gives that. @param tool its name, lower case */
export function listWrittenFiles(tool: string, input: Fields): WrittenFiles {
  const named: string[] = [];
  const patches: string[] = [];
  const isPatchTool = tool.includes('patch');
  const isPath = (field: string) => PATH_FIELDS.has(field) || (MOVES.test(tool) && MOVE_FIELDS.has(field));
  let values = 0;
  let isWhole = true;

  function read(value: unknown, field: string, depth: number): void {
    values += 1;
    if (values > MAX_VALUES || depth > MAX_DEPTH) isWhole = false;
    else if (typeof value === 'string') {
      if (isPath(field)) named.push(value);
      else if (isPatchTool || PATCH_FIELDS.has(field)) patches.push(value);
    } else if (Array.isArray(value)) {
      for (const item of value) read(item, field, depth + 1);
    } else if (typeof value === 'object' && value !== null && !CONTENT_FIELDS.has(field)) {
      for (const [name, item] of Object.entries(value)) {
        const isFile = MAP_FIELDS.has(field) && /[./\\]/.test(name);
        if (isFile) named.push(name);
        read(item, isFile ? '' : plainName(name), depth + 1);
      }
    }
  }
  read(input, '', 0);

  // What a tool writes into a file that it names may look like a patch.
  const patched = isPatchTool || named.length === 0 ? patches.map(readPatch) : [];
  const files = [...new Set([...named, ...patched.flatMap((patch) => patch.files)])].filter((path) => path !== '');
  const checked = files.filter(isName).slice(0, MAX_FILES);
  return {
    files: checked,
    perhaps: patched.flatMap((patch) => patch.perhaps).filter(isName),
    folder: Object.entries(input).find(([name, value]) => FOLDER_FIELDS.has(plainName(name)) && asText(value))?.[1] as
      | string
      | undefined,
    unchecked: explain(files.length, checked.length, isWhole),
  };
}

function explain(count: number, checked: number, isWhole: boolean): string | undefined {
  if (count > MAX_FILES) return `it names ${count} files, and at most ${MAX_FILES} are checked`;
  if (!isWhole) return 'its input is larger than what is read';
  if (count === 0) return 'it names no file in a form that is known';
  return checked < count ? 'it names a file as no system can' : undefined;
}

/** Whether a system can have a file of this name. */
export function isName(path: string): boolean {
  return path.length <= MAX_PATH_CHARS && !path.includes('\0');
}

/** `filePath`, `file_path` and `file-path` are one. */
function plainName(field: string): string {
  return field.toLowerCase().replace(/[^a-z]/g, '');
}
