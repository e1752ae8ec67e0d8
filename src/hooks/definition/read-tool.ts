import { fromFolder } from './from-folder.js';
import type { ReadTool, ToolNames, ToolUse } from './hook-format.js';
import { isName, listWrittenFiles, MAX_FILES } from './list-written-files.js';
import { asText, asTexts, type Fields } from './payload-fields.js';
import { readPatch } from './read-patch.js';

/** Names that tools of several clients have, lower case. */
const COMMON: ToolNames = {
  edits: ['write_file', 'apply_patch', 'applypatch', 'editor'],
  shells: ['terminal', 'run_commands', 'powershell'],
};
const COMMAND_FIELDS = ['command', 'cmd', 'commands'];
const FOLDER_FIELDS = ['workdir', 'cwd', 'working_directory'];
/** A client's name of PopStash's own tool: `mcp__popstash__start_task`, `MCP:start_task`, `popstash-start_task`. */
const OWN_TOOL = /^(?:mcp:|.*popstash.*[^a-z])(start_task|end_task|acquire|release)$/;
/** Names of tools that no client's list has: those of this form that name a file are taken to write it. */
const LOOKS_LIKE_EDIT =
  /(?:^|[^a-z])(?:multi_?)?(?:edit|write|replace|patch|insert|create|delete|remove|rename|move|append|overwrite|save|update|modify)/;
/** Tools of other servers write somewhere else than in the project, and folders are no files. */
const WRITES_ELSEWHERE = /^mcp|:|dir|folder/;
/** Characters of a command that are sent: enough to recognise it by. */
const MAX_COMMAND = 2_000;
/** Commands that apply a patch which they hold themselves, and those that only try it. */
const APPLIES_PATCH = /\bapply_?patch\b|\bgit\b[^\n]*\bapply\b|\bpatch\b/;
const ONLY_TRIES = /\bapply\b[^\n]*--(?:check|stat|numstat|summary)\b|\bpatch\b[^\n]*--dry-run\b/;
/** A command that first goes to another folder. */
const GOES_TO = /^\s*cd\s+(?:"([^"]+)"|'([^']+)'|([^\s;&|]+))\s*(?:&&|;|\n)/;

/**
 * Reads tool calls of all clients alike: some clients run the hooks of others, with tools of their own.
 * @param names of the tools of each client
 */
export function createToolReader(names: readonly ToolNames[]): ReadTool {
  const edits = new Set([COMMON, ...names].flatMap((each) => each.edits));
  const shells = new Set([COMMON, ...names].flatMap((each) => each.shells));
  return (name, input) => {
    if (name === undefined) return { unchecked: 'its payload names no tool' };
    const tool = name.toLowerCase();
    if (shells.has(tool)) return readCommand(input);
    const own = OWN_TOOL.exec(tool)?.[1];
    if (own !== undefined) return { tool: own };
    if (edits.has(tool)) return { action: 'edit', ...listWrittenFiles(tool, input) };
    const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
    if (!LOOKS_LIKE_EDIT.test(words) || WRITES_ELSEWHERE.test(tool)) return {};
    const written = listWrittenFiles(tool, input);
    return written.files.length > 0 ? { action: 'edit', ...written } : {};
  };
}

function readCommand(input: Fields): Partial<ToolUse> {
  const texts = COMMAND_FIELDS.map((field) => asText(input[field]) ?? asTexts(input[field]).join('; '));
  const command = texts.find(Boolean) ?? '';
  const use: Partial<ToolUse> = { action: 'shell', command: command.slice(0, MAX_COMMAND) };
  if (!APPLIES_PATCH.test(command) || ONLY_TRIES.test(command)) return use;
  const patch = readPatch(command);
  const [files, perhaps] = [patch.files, patch.perhaps].map((each) => each.filter(isName).slice(0, MAX_FILES));
  if (!files?.length) return use;
  const folder = FOLDER_FIELDS.map((field) => asText(input[field])).find(Boolean);
  const goesTo = GOES_TO.exec(command)?.slice(1).find(Boolean);
  return { ...use, files, perhaps, folder: goesTo === undefined ? folder : follow(folder, goesTo) };
}

/** Where a command goes from a folder. What a shell expands is no path yet. */
function follow(folder: string | undefined, to: string): string {
  return /^[~$]/.test(to) ? to : fromFolder(folder, to);
}
