import { join } from 'node:path';
import { homeFolder } from '../../../config.js';
import type { HookEvent } from '../../../ipc/control-protocol.js';
import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { readCommonPayload } from '../../definition/read-common-payload.js';

/** https://code.claude.com/docs/en/hooks */
export const claudeCodeFormat: HookFormat = {
  name: 'claude',
  calledAs: 'claude',
  folderVariable: 'CLAUDE_PROJECT_DIR',
  tools: { edits: ['edit', 'write', 'multiedit', 'notebookedit'], shells: ['bash'] },

  settingsFiles: (folder, env) => [
    join(env.CLAUDE_CONFIG_DIR || join(homeFolder(env), '.claude'), 'settings.json'),
    ...['settings.json', 'settings.local.json'].map((name) => join(folder, '.claude', name)),
  ],

  readPayload: (_event, fields, readTool) => readCommonPayload(fields, readTool),

  writeVerdict(event, eventName, { decision, message = '', context }) {
    const hookEventName = eventName ?? defaultName(event);
    if (event === 'pre-tool-use' && decision === 'deny') {
      const denial = { permissionDecision: 'deny', permissionDecisionReason: message };
      return jsonOutput({ hookSpecificOutput: { hookEventName, ...denial } });
    }
    const isBlocking = event === 'post-tool-use' && eventName !== 'PostToolUseFailure' && decision !== 'pass';
    const told = [decision === 'pass' || isBlocking ? '' : message, context].filter(Boolean).join('\n');
    const specific = told !== '' && { hookSpecificOutput: { hookEventName, additionalContext: told } };
    if (isBlocking) return jsonOutput({ decision: 'block', reason: message, ...specific });
    // With nothing to say, not even an allow: it would skip the client's own question to its user.
    return specific ? jsonOutput(specific) : NO_OUTPUT;
  },
};

const NAMES: Partial<Record<HookEvent, string>> = {
  'pre-tool-use': 'PreToolUse',
  'session-start': 'SessionStart',
  'prompt-submit': 'UserPromptSubmit',
  stop: 'Stop',
};

function defaultName(event: HookEvent): string {
  return NAMES[event] ?? 'PostToolUse';
}
