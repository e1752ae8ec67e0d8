import { join } from 'node:path';
import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { readCommonPayload } from '../../definition/read-common-payload.js';

/**
 * GitHub Copilot: its command line and VS Code's agent run the same files. The former gives fields in camelCase and reads
 * flat answers, the latter reads those of Claude Code's form; an answer has both
 * (https://docs.github.com/en/copilot/reference/hooks-reference,
 * https://code.visualstudio.com/docs/agent-customization/hooks).
 */
export const copilotFormat: HookFormat = {
  name: 'copilot',
  calledAs: 'copilot',
  tools: {
    edits: [
      'editfiles',
      'create_file',
      'createfile',
      'replace_string_in_file',
      'multi_replace_string_in_file',
      'insert_edit_into_file',
      'edit_notebook_file',
      'create',
      'str_replace_editor',
    ],
    shells: ['run_in_terminal', 'runterminalcommand', 'runinterminal'],
  },

  // Both run the hooks of `.claude` too. Their payloads have a time, those of its own client have a mode.
  borrows: {
    isRunner: ({ timestamp, permission_mode, cursor_version, sessionId }) =>
      (timestamp !== undefined || sessionId !== undefined) &&
      permission_mode === undefined &&
      cursor_version === undefined,
    ownFiles: (folder, home) => [
      join(folder, '.github', 'hooks', 'popstash.json'),
      join(home, '.copilot', 'hooks', 'popstash.json'),
    ],
  },

  readPayload: (_event, fields, readTool) => readCommonPayload(fields, readTool),

  writeVerdict(event, eventName, { decision, message = '', context }) {
    if (event === 'pre-tool-use' && decision === 'deny') {
      const denial = { permissionDecision: 'deny', permissionDecisionReason: message };
      return jsonOutput({ ...denial, hookSpecificOutput: { hookEventName: eventName ?? 'PreToolUse', ...denial } });
    }
    // The command line hears nothing before a tool, nor at a prompt; neither hears anything at the end.
    const isHeard =
      event === 'session-start' || event === 'post-tool-use' || (event === 'pre-tool-use' && eventName !== undefined);
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    if (!isHeard || told === '') return NO_OUTPUT;
    const hookEventName = eventName ?? (event === 'session-start' ? 'SessionStart' : 'PostToolUse');
    return jsonOutput({ additionalContext: told, hookSpecificOutput: { hookEventName, additionalContext: told } });
  },
};
