import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientFile, HOOK_TIMEOUT_SECONDS } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { jsonOutput, NO_OUTPUT } from '../definition/hook-output.js';
import { asText } from '../definition/payload-fields.js';
import { readCommonPayload } from '../definition/read-common-payload.js';

const MATCHER = 'Write|Edit|StrReplace|Delete|EditNotebook|Shell';
/** PopStash's own tools besides that begin, end and lock: hooks that are heard then are in force. */
const MATCHER_BEFORE = `${MATCHER}|MCP:start_task|MCP:end_task|MCP:acquire|MCP:release`;
const MAX_CALL = 300;

export const cursor = defineClient({
  name: 'cursor',
  title: 'Cursor',
  calledAs: 'cursor',
  tools: {
    edits: ['strreplace', 'search_replace', 'edit_file', 'delete', 'delete_file', 'tabwrite', 'editnotebook'],
    shells: ['shell', 'run_terminal_cmd'],
  },
  hooks: [
    { name: 'sessionStart', event: 'session-start' },
    { name: 'preToolUse', event: 'pre-tool-use', matcher: MATCHER_BEFORE },
    { name: 'postToolUse', event: 'post-tool-use', matcher: MATCHER },
    // A command that fails may have written before.
    { name: 'postToolUseFailure', event: 'post-tool-use', matcher: 'Shell' },
    { name: 'stop', event: 'stop' },
    { name: 'subagentStop', event: 'subagent-stop' },
    { name: 'sessionEnd', event: 'session-end' },
  ],
  rules: 'AGENTS.md',

  isUsedIn: (worktree) => existsSync(join(worktree, '.cursor')),

  files: ({ worktree }) => filesIn(join(worktree, '.cursor')),
  userFiles: (home) => filesIn(join(home, '.cursor')),

  hookSources: ({ folder, home }) => ({
    kind: 'hooks',
    paths: ['/etc/cursor/hooks.json', join(home, '.cursor', 'hooks.json'), join(folder, '.cursor', 'hooks.json')],
  }),

  readPayload(_event, fields, readTool) {
    const use = readCommonPayload(fields, readTool);
    // Events for one kind of tool carry its arguments at the top, and an id that several commands share.
    switch (use.eventName) {
      case 'beforeShellExecution':
      case 'afterShellExecution': {
        const call = use.call && `${use.call} ${asText(fields.command) ?? ''}`.slice(0, MAX_CALL);
        return { ...use, ...readTool('shell', fields), call };
      }
      case 'beforeFileEdit':
      case 'afterFileEdit':
        return { ...use, ...readTool('edit', fields) };
      case 'stop':
        return { ...use, continued: Number(fields.loop_count ?? 0) > 0 || undefined };
      case 'preToolUse':
      case undefined:
        return use;
      default:
        // Other events need not name a tool.
        return { ...use, unchecked: use.action && use.unchecked };
    }
  },

  writeVerdict(event, eventName, { decision, message = '', context }) {
    if (event === 'pre-tool-use') {
      return decision === 'deny'
        ? jsonOutput({ permission: 'deny', user_message: message, agent_message: message })
        : NO_OUTPUT;
    }
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    // Events that begin with "after" take no answer, nor does the end of a session or of a subagent.
    if (told === '' || eventName?.startsWith('after') || event === 'session-end' || event === 'subagent-stop') {
      return NO_OUTPUT;
    }
    // The end of a turn takes a message to go on with; postToolUse and sessionStart take context.
    return jsonOutput(event === 'stop' ? { followup_message: told } : { additional_context: told });
  },

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'preToolUse',
    tool_name: 'Write',
    workspace_roots: [cwd],
    conversation_id: session,
    tool_input: { file_path: file },
  }),
});

function filesIn(folder: string): ClientFile[] {
  return [
    { kind: 'servers', path: join(folder, 'mcp.json'), folders: [folder], field: 'mcpServers' },
    {
      kind: 'hooks',
      path: join(folder, 'hooks.json'),
      folders: [folder],
      version: 1,
      entry: ({ matcher }, command) => ({
        command,
        ...(matcher !== undefined && { matcher }),
        timeout: HOOK_TIMEOUT_SECONDS,
      }),
    },
  ];
}
