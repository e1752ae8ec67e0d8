import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientFile, ServerEntry } from '../definition/client-files.js';
import { defineClient, withoutHooks } from '../definition/define-client.js';

const UNGUARDED = "nothing checks its edits: its agents are unguarded, and only git's guards refuse their commits.";

/** No project's files: its list of servers is the user's. */
export const claudeDesktop = defineClient({
  ...withoutHooks('claude-desktop'),
  title: 'Claude Desktop',
  rules: null,
  remarks: [`Claude Desktop has no hooks; ${UNGUARDED}`],
  isUsedIn: () => false,
  files: ({ home }) => desktopFiles(home),
  userFiles: desktopFiles,
});

export const antigravity = defineClient({
  ...withoutHooks('antigravity'),
  title: 'Antigravity',
  rules: 'AGENTS.md',
  remarks: [`PopStash does not know the form of Antigravity's hooks; ${UNGUARDED}`],
  isUsedIn: (worktree) => existsSync(join(worktree, '.agents', 'mcp_config.json')),
  files: ({ worktree }) => [servers(join(worktree, '.agents', 'mcp_config.json'), 'mcpServers')],
  userFiles: (home) => [servers(join(home, '.gemini', 'antigravity-cli', 'mcp_config.json'), 'mcpServers')],
});

export const zed = defineClient({
  ...withoutHooks('zed'),
  title: 'Zed',
  rules: 'AGENTS.md',
  remarks: [`Zed has no hooks; ${UNGUARDED}`],
  isUsedIn: (worktree) => existsSync(join(worktree, '.zed')),
  files: ({ worktree }) => [zedFile(join(worktree, '.zed'))],
  userFiles: (home) => [zedFile(join(home, '.config', 'zed'))],
});

export const kiro = defineClient({
  ...withoutHooks('kiro'),
  title: 'Kiro',
  rules: 'AGENTS.md',
  remarks: [`Kiro keeps hooks in the files of single agents, which init does not write; ${UNGUARDED}`],
  isUsedIn: (worktree) => existsSync(join(worktree, '.kiro')),
  files: ({ worktree }) => [servers(join(worktree, '.kiro', 'settings', 'mcp.json'), 'mcpServers', 2)],
  userFiles: (home) => [servers(join(home, '.kiro', 'settings', 'mcp.json'), 'mcpServers', 2)],
});

function zedFile(folder: string): ClientFile {
  const file = servers(join(folder, 'settings.json'), 'context_servers');
  return { ...file, entry: (server: ServerEntry) => ({ source: 'custom', ...server }) };
}

/** @param depth of folders that hold nothing but the client's settings */
function servers(path: string, field: string, depth = 1): ClientFile & { kind: 'servers' } {
  const folders = depth === 2 ? [dirname(path), dirname(dirname(path))] : [dirname(path)];
  return { kind: 'servers', path, folders, field };
}

/** Where it is installed; if nowhere yet, where it will look on this system. */
function desktopFiles(home: string): ClientFile[] {
  const roots = [join(home, '.config'), join(home, 'Library', 'Application Support'), join(home, 'AppData', 'Roaming')];
  const folders = roots.map((root) => join(root, 'Claude'));
  const found = folders.filter((folder) => existsSync(folder));
  const own = process.platform === 'darwin' ? 1 : process.platform === 'win32' ? 2 : 0;
  const chosen = found.length > 0 ? found : folders.slice(own, own + 1);
  return chosen.map((folder) => servers(join(folder, 'claude_desktop_config.json'), 'mcpServers'));
}
