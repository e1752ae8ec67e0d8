import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput } from '../../definition/hook-output.js';
import { asFields, asInput, asText, asTexts } from '../../definition/payload-fields.js';

const MAX_CALL = 300;

export const clineFormat: HookFormat = {
  name: 'cline',
  calledAs: 'cline',
  tools: { edits: ['write_to_file', 'replace_in_file', 'new_rule'], shells: ['execute_command'] },

  readPayload(event, fields, readTool) {
    // The extension names the part of the tool by the event; the SDK names it `tool_call` and `tool_result`.
    const tool = asFields(
      event === 'pre-tool-use' ? (fields.preToolUse ?? fields.tool_call) : (fields.postToolUse ?? fields.tool_result),
    );
    const input = asInput(tool.parameters ?? tool.input);
    const name = asText(tool.toolName) ?? asText(tool.name);
    return {
      cwd: asTexts(fields.workspaceRoots)[0] ?? asText(fields.cwd),
      session: asText(fields.taskId),
      call: asText(tool.id) ?? JSON.stringify([name, input.path ?? input.command]).slice(0, MAX_CALL),
      eventName: asText(fields.hookName),
      ...readTool(name, input),
    };
  },

  writeVerdict(_event, _eventName, { decision, message = '', context }) {
    if (decision === 'deny') return jsonOutput({ cancel: true, errorMessage: message });
    const told = [decision === 'tell' ? message : '', context].filter(Boolean).join('\n');
    return jsonOutput(told === '' ? { cancel: false } : { cancel: false, contextModification: told });
  },
};
