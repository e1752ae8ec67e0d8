import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientFile } from '../definition/client-files.js';
import { defineClient } from '../definition/define-client.js';
import { hooksFile } from './claude-code.js';
import { codexFormat } from './formats/codex-format.js';

const MATCHER = 'apply_patch|Edit|Write|Bash';
/** PopStash's own tools besides that begin, end and lock: hooks that are heard then are in force. */
const MATCHER_BEFORE = `^(${MATCHER}|mcp__.*popstash.*__(start_task|end_task|acquire|release))$`;

export const codex = defineClient({
  ...codexFormat,
  title: 'Codex',
  hooks: [
    { name: 'SessionStart', event: 'session-start' },
    { name: 'UserPromptSubmit', event: 'prompt-submit' },
    { name: 'PreToolUse', event: 'pre-tool-use', matcher: MATCHER_BEFORE },
    { name: 'PostToolUse', event: 'post-tool-use', matcher: MATCHER },
    { name: 'Stop', event: 'stop' },
    { name: 'SubagentStop', event: 'subagent-stop' },
  ],
  rules: 'AGENTS.md',
  remarks: [
    'Codex reads .codex only in a project that you trust, and runs new or changed hooks only once you have confirmed them: ' +
      'open /hooks in Codex and trust those of popstash, again after each init that changes them.',
  ],

  isUsedIn: (worktree) => existsSync(join(worktree, '.codex')),

  files: ({ worktree }) => filesIn(join(worktree, '.codex')),
  userFiles: (home) => filesIn(join(home, '.codex')),

  hookSources: ({ folder, home, variables }) => ({
    kind: 'hooks',
    paths: [join(variables.CODEX_HOME || join(home, '.codex'), 'hooks.json'), join(folder, '.codex', 'hooks.json')],
  }),

  samplePayload: (file, cwd, session) => ({
    hook_event_name: 'PreToolUse',
    tool_name: 'apply_patch',
    cwd,
    session_id: session,
    tool_input: { command: `*** Begin Patch\n*** Update File: ${file}\n@@\n-a\n+b\n*** End Patch\n` },
  }),
});

function filesIn(folder: string): ClientFile[] {
  return [
    { kind: 'server-tables', path: join(folder, 'config.toml'), folders: [folder], table: 'mcp_servers' },
    hooksFile(join(folder, 'hooks.json')),
  ];
}
