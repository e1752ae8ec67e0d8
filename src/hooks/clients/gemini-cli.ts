import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientFile, HOOK_TIMEOUT_SECONDS } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { geminiCliFormat } from './formats/gemini-cli-format.js';

const MATCHER = 'write_file|replace|edit|run_shell_command';

export const geminiCli = defineClient({
  ...geminiCliFormat,
  title: 'Gemini CLI',
  hooks: [
    { name: 'SessionStart', event: 'session-start' },
    { name: 'BeforeAgent', event: 'prompt-submit' },
    { name: 'BeforeTool', event: 'pre-tool-use', matcher: `${MATCHER}|mcp_+popstash_+.*` },
    { name: 'AfterTool', event: 'post-tool-use', matcher: MATCHER },
    { name: 'AfterAgent', event: 'stop' },
    { name: 'SessionEnd', event: 'session-end' },
  ],
  rules: 'GEMINI.md',
  remarks: ['Gemini CLI reads the settings of a project only in a folder that you trust, where folder trust is on.'],

  isUsedIn: (worktree) => existsSync(join(worktree, '.gemini')),

  files: ({ worktree }) => filesIn(join(worktree, '.gemini')),
  userFiles: (home) => filesIn(join(home, '.gemini')),

  hookSources: ({ folder, home }) => ({
    kind: 'hooks',
    paths: [home, folder].map((root) => join(root, '.gemini', 'settings.json')),
  }),

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'BeforeTool',
    tool_name: 'write_file',
    cwd,
    session_id: session,
    tool_input: { file_path: file },
  }),
});

function filesIn(folder: string): ClientFile[] {
  const path = join(folder, 'settings.json');
  return [
    { kind: 'servers', path, folders: [folder], field: 'mcpServers' },
    {
      kind: 'hooks',
      path,
      folders: [folder],
      entry: ({ matcher }, { command }) => ({
        ...(matcher !== undefined && { matcher }),
        // In milliseconds here.
        hooks: [{ name: 'popstash', type: 'command', command, timeout: HOOK_TIMEOUT_SECONDS * 1_000 }],
      }),
    },
  ];
}
