import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { jsonOutput } from '../definition/hook-output.js';
import { asFields, asInput, asText, asTexts } from '../definition/payload-fields.js';

const MAX_CALL = 300;

export const cline = defineClient({
  name: 'cline',
  title: 'Cline',
  calledAs: 'cline',
  tools: { edits: ['write_to_file', 'replace_in_file', 'new_rule'], shells: ['execute_command'] },
  hooks: [
    { name: 'TaskStart', event: 'session-start' },
    { name: 'TaskResume', event: 'session-start' },
    { name: 'UserPromptSubmit', event: 'prompt-submit' },
    { name: 'PreToolUse', event: 'pre-tool-use' },
    { name: 'PostToolUse', event: 'post-tool-use' },
    { name: 'TaskComplete', event: 'stop' },
    { name: 'TaskCancel', event: 'session-end' },
  ],
  rules: 'AGENTS.md',

  isUsedIn: (worktree) => existsSync(join(worktree, '.clinerules')),

  files({ worktree, home }) {
    const scripts = join(worktree, '.clinerules', 'hooks');
    return [
      // It knows no servers of a project.
      ...serverLists(home).map((path): ClientFile => ({ kind: 'servers', path, field: 'mcpServers' })),
      { kind: 'scripts', path: scripts, folders: [scripts, dirname(scripts)] },
    ];
  },

  userFiles(home) {
    const scripts = join(home, '.cline', 'hooks');
    return [
      ...serverLists(home).map((path): ClientFile => ({ kind: 'servers', path, field: 'mcpServers' })),
      { kind: 'scripts', path: scripts, folders: [scripts] },
    ];
  },

  hookSources: ({ folder, home }) => ({
    kind: 'scripts',
    paths: [join(folder, '.clinerules', 'hooks'), join(home, '.cline', 'hooks')],
  }),

  serverFault: ({ entry }) => (entry.disabled === true ? 'it is disabled there' : undefined),

  readPayload(event, fields, readTool) {
    // The extension names the part of the tool by the event; the SDK names it `tool_call` and `tool_result`.
    const tool = asFields(
      event === 'pre-tool-use' ? (fields.preToolUse ?? fields.tool_call) : (fields.postToolUse ?? fields.tool_result),
    );
    const input = asInput(tool.parameters ?? tool.input);
    const name = asText(tool.toolName) ?? asText(tool.name);
    return {
      cwd: asTexts(fields.workspaceRoots)[0] ?? asText(fields.cwd),
      session: asText(fields.taskId),
      call: asText(tool.id) ?? JSON.stringify([name, input.path ?? input.command]).slice(0, MAX_CALL),
      eventName: asText(fields.hookName),
      ...readTool(name, input),
    };
  },

  writeVerdict(_event, _eventName, { decision, message = '', context }) {
    if (decision === 'deny') return jsonOutput({ cancel: true, errorMessage: message });
    const told = [decision === 'tell' ? message : '', context].filter(Boolean).join('\n');
    return jsonOutput(told === '' ? { cancel: false } : { cancel: false, contextModification: told });
  },

  samplePayload: (file, cwd, session) => ({
    hookName: 'PreToolUse',
    taskId: session,
    workspaceRoots: [cwd],
    preToolUse: { toolName: 'write_to_file', parameters: { path: file } },
  }),
});

/** Its list of MCP servers, of each editor that has one and of its command line. */
function serverLists(home: string): string[] {
  const below = join('User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json');
  const roots = [join(home, '.config'), join(home, 'Library', 'Application Support'), join(home, 'AppData', 'Roaming')];
  const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'];
  const paths = [
    ...roots.flatMap((root) => editors.map((editor) => join(root, editor, below))),
    join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
  ];
  return paths.filter((path) => existsSync(dirname(path)));
}
