import type { HookEvent, HookRequest } from '../../ipc/control-protocol.js';

/** What a hook's payload says, in terms that all clients share. */
export type ToolUse = Pick<HookRequest, 'session' | 'subagent' | 'action' | 'files' | 'command' | 'call'> & {
  cwd?: string | undefined;
  /** The client's own name of the event, which its answer must repeat. */
  eventName?: string | undefined;
};

type Fields = Record<string, unknown>;

/** Names of the clients' tools that write files, lower case. */
const EDITS = new Set([
  // Claude Code
  'edit',
  'write',
  'multiedit',
  'notebookedit',
  // Cursor
  'strreplace',
  'search_replace',
  'edit_file',
  'delete',
  'delete_file',
  'tabwrite',
  'editnotebook',
  // Cline
  'write_to_file',
  'replace_in_file',
  'new_rule',
  // Several
  'write_file',
  'apply_patch',
  'applypatch',
  'editor',
]);
const SHELLS = new Set([
  'bash',
  'shell',
  'run_terminal_cmd',
  'execute_command',
  'terminal',
  'run_commands',
  'powershell',
]);
/** Where the clients' tools name the file that they write. */
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
/** What is sent of a command: enough to recognise it by. */
const MAX_COMMAND = 2_000;
const MAX_FILES = 200;

/** Reads the payload of a client's hook. Unknown shapes give an empty use: nothing is asked, nothing is denied. */
export function readPayload(client: string, event: HookEvent, payload: unknown): ToolUse {
  const fields = asFields(payload);
  return client === 'cline' ? readCline(event, fields) : readClaudeOrCursor(fields);
}

function readClaudeOrCursor(fields: Fields): ToolUse {
  const input = asFields(fields.tool_input);
  const eventName = text(fields.hook_event_name);
  const agent = text(fields.agent_id) ?? text(fields.subagent_id);
  const use: ToolUse = {
    cwd: text(fields.cwd) ?? list(fields.workspace_roots)[0],
    session: text(fields.session_id) ?? text(fields.conversation_id),
    // A subagent of Claude Code shares its parent's session id and has one of its own besides.
    subagent: agent
      ? { id: agent, kind: text(fields.agent_type) ?? text(fields.subagent_type) ?? 'subagent' }
      : undefined,
    call: text(fields.tool_use_id) ?? text(fields.generation_id),
    eventName,
  };
  // Cursor's events for one kind of tool carry its arguments at the top.
  if (eventName === 'beforeShellExecution' || eventName === 'afterShellExecution')
    return {
      ...use,
      ...readTool('shell', fields),
      call: use.call && `${use.call} ${text(fields.command) ?? ''}`.slice(0, 300),
    };
  if (eventName === 'afterFileEdit' || eventName === 'beforeFileEdit') return { ...use, ...readTool('edit', fields) };
  return { ...use, ...readTool(text(fields.tool_name), input) };
}

function readCline(event: HookEvent, fields: Fields): ToolUse {
  const before = event === 'pre-tool-use';
  // Its extension names the tool's part by the event, its own SDK `tool_call` and `tool_result`.
  const tool = asFields(before ? (fields.preToolUse ?? fields.tool_call) : (fields.postToolUse ?? fields.tool_result));
  const input = asFields(tool.parameters ?? tool.input);
  return {
    cwd: list(fields.workspaceRoots)[0] ?? text(fields.cwd),
    session: text(fields.taskId),
    call: text(tool.id) ?? JSON.stringify([tool.toolName ?? tool.name, input.path ?? input.command]).slice(0, 300),
    eventName: text(fields.hookName),
    ...readTool(text(tool.toolName) ?? text(tool.name), input),
  };
}

function readTool(name: string | undefined, input: Fields): Pick<ToolUse, 'action' | 'files' | 'command'> {
  const tool = name?.toLowerCase() ?? '';
  if (SHELLS.has(tool)) {
    const command = COMMAND_FIELDS.map((field) => text(input[field]) ?? list(input[field]).join('; ')).find(Boolean);
    return { action: 'shell', command: (command ?? '').slice(0, MAX_COMMAND) };
  }
  if (!EDITS.has(tool)) return {};
  const named = PATH_FIELDS.map((field) => text(input[field])).filter((path) => path !== undefined);
  const patched = PATCH_FIELDS.flatMap((field) => patchedFiles(text(input[field]) ?? ''));
  return { action: 'edit', files: [...new Set([...named, ...patched])].slice(0, MAX_FILES) };
}

/** Files that a patch in the format of apply_patch names. */
function patchedFiles(patch: string): string[] {
  return [...patch.matchAll(/^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm)].map((match) =>
    (match[1] ?? '').trim(),
  );
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
