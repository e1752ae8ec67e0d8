import { dirname, join } from 'node:path';
import { HOOK_TIMEOUT_SECONDS, type HooksFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { claudeHookRules, findServerFault } from './claude-hook-rules.js';
import { listPluginHooks } from './claude-plugins.js';
import { claudeCodeFormat } from './formats/claude-code-format.js';

const MATCHER = 'Edit|Write|MultiEdit|NotebookEdit|Bash';
/**
 * PopStash's own tools besides that begin, end and lock: hooks that are heard then are in force, and tell which subagent
 * calls. A matcher with other characters than letters
 * and bars is a regular expression (https://code.claude.com/docs/en/hooks), so it names its ends.
 */
const MATCHER_BEFORE = `^(${MATCHER}|mcp__.*popstash.*__(start_task|end_task|acquire|release))$`;
/** The settings of an organisation, which count over all others. */
const MANAGED_SETTINGS = '/etc/claude-code/managed-settings.json';

export const claudeCode = defineClient({
  ...claudeCodeFormat,
  title: 'Claude Code',
  hooks: [
    { name: 'SessionStart', event: 'session-start' },
    { name: 'UserPromptSubmit', event: 'prompt-submit' },
    { name: 'PreToolUse', event: 'pre-tool-use', matcher: MATCHER_BEFORE },
    { name: 'PostToolUse', event: 'post-tool-use', matcher: MATCHER },
    // A command that fails may have written before.
    { name: 'PostToolUseFailure', event: 'post-tool-use', matcher: 'Bash' },
    { name: 'Stop', event: 'stop' },
    { name: 'SubagentStop', event: 'subagent-stop' },
    { name: 'SessionEnd', event: 'session-end' },
  ],
  rules: 'CLAUDE.md',

  isUsedIn: () => true,

  files: ({ worktree }) => [
    { kind: 'servers', path: join(worktree, '.mcp.json'), field: 'mcpServers' },
    hooksFile(join(worktree, '.claude', 'settings.json')),
  ],

  userFiles: (home) => [
    { kind: 'servers', path: join(home, '.claude.json'), field: 'mcpServers' },
    hooksFile(join(home, '.claude', 'settings.json')),
  ],

  statusLine: (home) => ({
    path: join(home, '.claude', 'settings.json'),
    folders: [join(home, '.claude')],
    field: 'statusLine',
    value: (command) => ({ type: 'command', command }),
  }),

  // Of the folder that it is opened in alone: not of those above it.
  hookSources({ folder, home, variables }) {
    const own = variables.CLAUDE_CONFIG_DIR || join(home, '.claude');
    const settings = [
      join(own, 'settings.json'),
      join(folder, '.claude', 'settings.json'),
      join(folder, '.claude', 'settings.local.json'),
    ];
    return {
      kind: 'hooks',
      paths: [...listPluginHooks(own, settings), ...settings, MANAGED_SETTINGS],
      offSwitch: 'disableAllHooks',
      onlyOwn: { path: MANAGED_SETTINGS, field: 'allowManagedHooksOnly' },
      variables: 'env',
      rules: claudeHookRules,
    };
  },

  serverFault: findServerFault,

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'PreToolUse',
    tool_name: 'Edit',
    cwd,
    session_id: session,
    tool_input: { file_path: file },
  }),
});

/** A file with hooks as Claude Code has them; some other clients read the same form. */
export function hooksFile(path: string): HooksFile {
  return {
    kind: 'hooks',
    path,
    folders: [dirname(path)],
    entry: ({ matcher }, { command }) => ({
      ...(matcher !== undefined && { matcher }),
      hooks: [{ type: 'command', command, timeout: HOOK_TIMEOUT_SECONDS }],
    }),
  };
}
