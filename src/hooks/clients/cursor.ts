import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientFile, HOOK_TIMEOUT_SECONDS } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { cursorFormat } from './formats/cursor-format.js';

const MATCHER = 'Write|Edit|StrReplace|Delete|EditNotebook|Shell';
/** PopStash's own tools besides that begin, end and lock: hooks that are heard then are in force. */
const MATCHER_BEFORE = `${MATCHER}|MCP:start_task|MCP:end_task|MCP:acquire|MCP:release`;

export const cursor = defineClient({
  ...cursorFormat,
  title: 'Cursor',
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
      entry: ({ matcher }, { command }) => ({
        command,
        ...(matcher !== undefined && { matcher }),
        timeout: HOOK_TIMEOUT_SECONDS,
      }),
    },
  ];
}
