import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { readCommonPayload } from '../../definition/read-common-payload.js';

/** What the plugin that init writes for opencode says and reads: both ends are ours. */
export const opencodeFormat: HookFormat = {
  name: 'opencode',
  calledAs: 'opencode',
  tools: { edits: ['edit', 'write', 'patch', 'apply_patch', 'multiedit'], shells: ['bash'] },

  readPayload: (_event, fields, readTool) => readCommonPayload(fields, readTool),

  writeVerdict(event, _eventName, { decision, message = '', context }) {
    if (event === 'pre-tool-use') return decision === 'deny' ? jsonOutput({ deny: message }) : NO_OUTPUT;
    if (event !== 'post-tool-use' && event !== 'session-start') return NO_OUTPUT;
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    return told === '' ? NO_OUTPUT : jsonOutput({ context: told });
  },
};
