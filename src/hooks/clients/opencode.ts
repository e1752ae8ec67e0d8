import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientFile, ServerEntry } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { opencodeFormat } from './formats/opencode-format.js';
import { writePlugin } from './opencode-plugin.js';

const CONFIGS = ['opencode.jsonc', 'opencode.json'];

export const opencode = defineClient({
  ...opencodeFormat,
  title: 'opencode',
  // Told by the plugin, by these names.
  hooks: [
    { name: 'session.created', event: 'session-start' },
    { name: 'tool.execute.before', event: 'pre-tool-use' },
    { name: 'tool.execute.after', event: 'post-tool-use' },
  ],
  rules: 'AGENTS.md',

  isUsedIn: (worktree) => [...CONFIGS, '.opencode'].some((name) => existsSync(join(worktree, name))),

  files: ({ worktree }) => filesIn(worktree, join(worktree, '.opencode')),
  userFiles(home) {
    const folder = join(home, '.config', 'opencode');
    return filesIn(folder, folder);
  },

  hookSources: ({ folder, home }) => ({
    kind: 'plugins',
    paths: [join(home, '.config', 'opencode'), join(folder, '.opencode')].map((each) => pluginPath(each)),
  }),

  serverFault: ({ entry }) => (entry.enabled === false ? 'it is disabled there' : undefined),

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'tool.execute.before',
    tool_name: 'edit',
    cwd,
    session_id: session,
    tool_input: { filePath: file },
  }),
});

function filesIn(folder: string, plugins: string): ClientFile[] {
  const config = CONFIGS.find((name) => existsSync(join(folder, name))) ?? 'opencode.json';
  const path = pluginPath(plugins);
  return [
    { kind: 'servers', path: join(folder, config), field: 'mcp', entry: writeEntry },
    { kind: 'plugin', path, folders: [dirname(path), plugins], text: writePlugin },
  ];
}

function writeEntry({ command, args, env }: ServerEntry): object {
  return { type: 'local', command: [command, ...args], enabled: true, ...(env && { environment: env }) };
}

function pluginPath(folder: string): string {
  return join(folder, 'plugins', 'popstash.js');
}
