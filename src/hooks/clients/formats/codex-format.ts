import type { HookFormat } from '../../definition/hook-format.js';
import { NO_OUTPUT } from '../../definition/hook-output.js';
import { claudeCodeFormat } from './claude-code-format.js';

/** Codex reads Claude Code's answers, but takes none with a context at an end (https://developers.openai.com/codex/hooks). */
export const codexFormat: HookFormat = {
  name: 'codex',
  calledAs: 'codex',
  tools: { edits: ['apply_patch'], shells: ['bash', 'shell', 'local_shell', 'exec_command', 'unified_exec'] },

  readPayload: claudeCodeFormat.readPayload,

  writeVerdict(event, eventName, verdict) {
    if (event === 'stop' || event === 'subagent-stop' || event === 'session-end') return NO_OUTPUT;
    return claudeCodeFormat.writeVerdict(event, eventName, verdict);
  },
};
