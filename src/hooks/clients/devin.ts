import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { hooksFile } from './claude-code.js';
import { devinFormat } from './formats/devin-format.js';

const MATCHER = 'write|edit|apply_patch|notebook_edit|exec';

/** Devin's desktop and command line, and Windsurf, whose servers an older file of the user names. */
export const devin = defineClient({
  ...devinFormat,
  title: 'Devin (Windsurf)',
  hooks: [
    { name: 'SessionStart', event: 'session-start' },
    { name: 'UserPromptSubmit', event: 'prompt-submit' },
    { name: 'PreToolUse', event: 'pre-tool-use', matcher: `^(${MATCHER}|mcp__.*popstash.*)$` },
    { name: 'PostToolUse', event: 'post-tool-use', matcher: `^(${MATCHER})$` },
    { name: 'Stop', event: 'stop' },
    { name: 'SessionEnd', event: 'session-end' },
  ],
  rules: 'AGENTS.md',
  remarks: ['Devin reads the files of a project only once you trust its folder.'],

  isUsedIn: (worktree) => ['.devin', '.windsurf'].some((name) => existsSync(join(worktree, name))),

  files({ worktree }) {
    const folder = join(worktree, '.devin');
    return [
      serversFile(join(folder, 'mcp_config.json'), folder),
      { ...hooksFile(join(folder, 'hooks.v1.json')), at: 'top' },
    ];
  },

  userFiles(home) {
    const folder = join(home, '.config', 'devin');
    const older = join(home, '.codeium', 'windsurf', 'mcp_config.json');
    return [
      serversFile(join(folder, 'mcp_config.json'), folder),
      ...(existsSync(dirname(older)) ? [serversFile(older)] : []),
      hooksFile(join(folder, 'config.json')),
    ];
  },

  hookSources: ({ folder, home }) => ({
    kind: 'hooks',
    paths: [join(home, '.config', 'devin', 'config.json'), join(folder, '.devin', 'hooks.v1.json')],
  }),

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'PreToolUse',
    tool_name: 'edit',
    cwd,
    session_id: session,
    tool_input: { file_path: file },
  }),
});

function serversFile(path: string, folder?: string): ClientFile {
  return { kind: 'servers', path, ...(folder !== undefined && { folders: [folder] }), field: 'mcpServers' };
}
