import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClientFile, HOOK_TIMEOUT_SECONDS, type HooksFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import type { HookBinding } from '../definition/hook-binding.js';
import { copilotFormat } from './formats/copilot-format.js';

/** Events by the names of Copilot's command line; VS Code knows them too, and it ignores matchers. */
const HOOKS: readonly HookBinding[] = [
  { name: 'sessionStart', event: 'session-start' },
  { name: 'userPromptSubmitted', event: 'prompt-submit' },
  { name: 'preToolUse', event: 'pre-tool-use' },
  { name: 'postToolUse', event: 'post-tool-use' },
  // A command that fails may have written before.
  { name: 'postToolUseFailure', event: 'post-tool-use' },
  { name: 'agentStop', event: 'stop' },
  { name: 'subagentStop', event: 'subagent-stop' },
  { name: 'sessionEnd', event: 'session-end' },
];
const TRUST = 'Copilot runs the hooks of a repository only in a folder that its user trusts.';

const shared = {
  ...copilotFormat,
  hooks: HOOKS,
  rules: 'AGENTS.md',
  hookSources: ({ folder, home }: { folder: string; home: string }) => ({
    kind: 'hooks' as const,
    paths: [hooksPath(join(home, '.copilot')), hooksPath(join(folder, '.github'))],
  }),
};

/** The command line of GitHub Copilot. It reads `.mcp.json` in a project. */
export const copilot = defineClient({
  ...shared,
  title: 'GitHub Copilot CLI',
  remarks: [TRUST],

  isUsedIn: (worktree) => ['copilot', 'hooks'].some((name) => existsSync(join(worktree, '.github', name))),

  files: ({ worktree }) => [
    { kind: 'servers', path: join(worktree, '.mcp.json'), field: 'mcpServers' },
    hooksFile(join(worktree, '.github')),
  ],

  userFiles: (home) => [
    {
      kind: 'servers',
      path: join(home, '.copilot', 'mcp-config.json'),
      folders: [join(home, '.copilot')],
      field: 'mcpServers',
      entry: (server) => ({ type: 'local', ...server, tools: ['*'] }),
    },
    hooksFile(join(home, '.copilot')),
  ],

  samplePayload: (file, cwd, session) => ({
    sessionId: session,
    timestamp: 0,
    cwd,
    toolName: 'edit',
    toolArgs: JSON.stringify({ path: file }),
  }),
});

/** VS Code with Copilot: servers of its own, and the hooks of Copilot's files. */
export const vsCode = defineClient({
  ...shared,
  name: 'vscode',
  calledAs: 'visual studio code',
  title: 'VS Code with GitHub Copilot',
  hooksAs: copilotFormat.name,
  remarks: [TRUST],

  isUsedIn: (worktree) =>
    [join('.vscode', 'mcp.json'), join('.github', 'copilot-instructions.md')].some((path) =>
      existsSync(join(worktree, path)),
    ),

  files: ({ worktree }) => [
    { ...serversFile(join(worktree, '.vscode', 'mcp.json')), folders: [join(worktree, '.vscode')] },
    hooksFile(join(worktree, '.github')),
  ],

  userFiles: (home) => [...listProfiles(home).map(serversFile), hooksFile(join(home, '.copilot'))],

  samplePayload: (file, cwd, session) => ({
    timestamp: '2026-01-01T00:00:00.000Z',
    cwd,
    sessionId: session,
    hookEventName: 'PreToolUse',
    tool_name: 'editFiles',
    tool_input: { files: [file] },
    tool_use_id: 'doctor',
  }),
});

function serversFile(path: string): ClientFile & { kind: 'servers' } {
  return { kind: 'servers', path, field: 'servers', entry: (server) => ({ type: 'stdio', ...server }) };
}

/** Its user's list of servers, where it is installed. */
function listProfiles(home: string): string[] {
  const roots = [join(home, '.config'), join(home, 'Library', 'Application Support'), join(home, 'AppData', 'Roaming')];
  const paths = roots.flatMap((root) =>
    ['Code', 'Code - Insiders'].map((name) => join(root, name, 'User', 'mcp.json')),
  );
  return paths.filter((path) => existsSync(dirname(path)));
}

function hooksPath(folder: string): string {
  return join(folder, 'hooks', 'popstash.json');
}

/** @param folder `.github` of a project, or `.copilot` of a user */
function hooksFile(folder: string): HooksFile {
  return {
    kind: 'hooks',
    path: hooksPath(folder),
    folders: [join(folder, 'hooks'), folder],
    version: 1,
    entry: (_binding, { posix, powershell }) => ({
      type: 'command',
      bash: posix,
      powershell,
      timeoutSec: HOOK_TIMEOUT_SECONDS,
    }),
  };
}
