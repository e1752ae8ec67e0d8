import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { readCommonPayload } from '../../definition/read-common-payload.js';

/** https://github.com/google-gemini/gemini-cli/blob/main/docs/hooks/reference.md */
export const geminiCliFormat: HookFormat = {
  name: 'gemini',
  calledAs: 'gemini',
  folderVariable: 'GEMINI_PROJECT_DIR',
  tools: { edits: ['write_file', 'replace', 'edit'], shells: ['run_shell_command'] },

  readPayload: (_event, fields, readTool) => readCommonPayload(fields, readTool),

  writeVerdict(event, _eventName, { decision, message = '', context }) {
    if (event === 'pre-tool-use')
      return decision === 'deny' ? jsonOutput({ decision: 'deny', reason: message }) : NO_OUTPUT;
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    // A denial after a tool would hide its result.
    const isHeard = event === 'session-start' || event === 'prompt-submit' || event === 'post-tool-use';
    return isHeard && told !== '' ? jsonOutput({ hookSpecificOutput: { additionalContext: told } }) : NO_OUTPUT;
  },
};
