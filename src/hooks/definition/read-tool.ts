import type { ReadTool, ToolNames } from './define-client.js';
import { asText, asTexts } from './payload-fields.js';

/** Names that tools of several clients have, lower case. */
const COMMON: ToolNames = {
  edits: ['write_file', 'apply_patch', 'applypatch', 'editor'],
  shells: ['terminal', 'run_commands', 'powershell'],
};
/** Arguments that name the file which a tool writes. */
const PATH_FIELDS = [
  'file_path',
  'notebook_path',
  'path',
  'absolutePath',
  'filePath',
  'target_file',
  'target_notebook',
];
const COMMAND_FIELDS = ['command', 'cmd', 'commands'];
const PATCH_FIELDS = ['patch', 'diff', 'input'];
/** A client's name of PopStash's own tool: `mcp__popstash__start_task`, `MCP:start_task`, `popstash-start_task`. */
const OWN_TOOL = /^(?:mcp:|.*popstash.*[^a-z])(start_task|end_task|acquire|release)$/;
/** Characters of a command that are sent: enough to recognise it by. */
const MAX_COMMAND = 2_000;
const MAX_FILES = 200;

/**
 * Reads tool calls of all clients alike: some clients run the hooks of others, with tools of their own.
 * @param names of the tools of each client
 */
export function createToolReader(names: readonly ToolNames[]): ReadTool {
  const edits = new Set([COMMON, ...names].flatMap((each) => each.edits));
  const shells = new Set([COMMON, ...names].flatMap((each) => each.shells));
  return (name, input) => {
    const tool = name?.toLowerCase() ?? '';
    if (shells.has(tool)) {
      const command = COMMAND_FIELDS.map((field) => asText(input[field]) ?? asTexts(input[field]).join('; '));
      return { action: 'shell', command: (command.find(Boolean) ?? '').slice(0, MAX_COMMAND) };
    }
    const own = OWN_TOOL.exec(tool)?.[1];
    if (own !== undefined) return { tool: own };
    if (!edits.has(tool)) return {};
    const named = PATH_FIELDS.map((field) => asText(input[field])).filter((path) => path !== undefined);
    const patched = PATCH_FIELDS.flatMap((field) => patchedFiles(asText(input[field]) ?? ''));
    return { action: 'edit', files: [...new Set([...named, ...patched])].slice(0, MAX_FILES) };
  };
}

/** Files that a patch in the format of apply_patch names. */
function patchedFiles(patch: string): string[] {
  return [...patch.matchAll(/^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm)].map((match) =>
    (match[1] ?? '').trim(),
  );
}
