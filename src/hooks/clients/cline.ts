import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { clineFormat } from './formats/cline-format.js';

export const cline = defineClient({
  ...clineFormat,
  title: 'Cline',
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
      ...serverFiles(home),
      { kind: 'scripts', path: scripts, folders: [scripts, dirname(scripts)] },
    ];
  },

  userFiles(home) {
    const scripts = join(home, '.cline', 'hooks');
    return [...serverFiles(home), { kind: 'scripts', path: scripts, folders: [scripts] }];
  },

  hookSources: ({ folder, home }) => ({
    kind: 'scripts',
    paths: [join(folder, '.clinerules', 'hooks'), join(home, '.cline', 'hooks')],
  }),

  serverFault: ({ entry }) => (entry.disabled === true ? 'it is disabled there' : undefined),

  samplePayload: (file, cwd, session) => ({
    hookName: 'PreToolUse',
    taskId: session,
    workspaceRoots: [cwd],
    preToolUse: { toolName: 'write_to_file', parameters: { path: file } },
  }),
});

function serverFiles(home: string): ClientFile[] {
  const settings = join(home, '.cline', 'data', 'settings');
  const folders = [settings, dirname(settings), dirname(dirname(settings))];
  return serverLists(home).map((path) => ({
    kind: 'servers',
    path,
    field: 'mcpServers',
    ...(path.startsWith(settings) && { folders }),
  }));
}

/** The one list of MCP servers that its extension, command line and SDK share, and those of older extensions that are there. */
function serverLists(home: string): string[] {
  const below = join('User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json');
  const roots = [join(home, '.config'), join(home, 'Library', 'Application Support'), join(home, 'AppData', 'Roaming')];
  const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'];
  const older = roots.flatMap((root) => editors.map((editor) => join(root, editor, below)));
  return [
    join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
    ...older.filter((path) => existsSync(dirname(path))),
  ];
}
