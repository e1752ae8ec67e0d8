import { join } from 'node:path';
import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { asText } from '../../definition/payload-fields.js';
import { readCommonPayload } from '../../definition/read-common-payload.js';

const MAX_CALL = 300;

/** https://cursor.com/docs/agent/hooks */
export const cursorFormat: HookFormat = {
  name: 'cursor',
  calledAs: 'cursor',
  tools: {
    edits: ['strreplace', 'search_replace', 'edit_file', 'delete', 'delete_file', 'tabwrite', 'editnotebook'],
    shells: ['shell', 'run_terminal_cmd'],
  },

  // With third-party configurations on it runs the hooks of `.claude` besides its own ones
  // (https://cursor.com/docs/reference/third-party-hooks).
  borrows: {
    isRunner: ({ cursor_version }, env) => cursor_version !== undefined || env.CURSOR_VERSION !== undefined,
    ownFiles: (folder, home) => [folder, home].map((root) => join(root, '.cursor', 'hooks.json')),
  },

  readPayload(_event, fields, readTool) {
    const use = readCommonPayload(fields, readTool);
    // Events for one kind of tool carry its arguments at the top, and an id that several commands share.
    switch (use.eventName) {
      case 'beforeShellExecution':
      case 'afterShellExecution': {
        const call = use.call && `${use.call} ${asText(fields.command) ?? ''}`.slice(0, MAX_CALL);
        return { ...use, ...readTool('shell', fields), call };
      }
      case 'beforeFileEdit':
      case 'afterFileEdit':
        return { ...use, ...readTool('edit', fields) };
      case 'stop':
        return { ...use, continued: Number(fields.loop_count ?? 0) > 0 || undefined };
      case 'preToolUse':
      case undefined:
        return use;
      default:
        // Other events need not name a tool.
        return { ...use, unchecked: use.action && use.unchecked };
    }
  },

  writeVerdict(event, eventName, { decision, message = '', context }) {
    if (event === 'pre-tool-use') {
      return decision === 'deny'
        ? jsonOutput({ permission: 'deny', user_message: message, agent_message: message })
        : NO_OUTPUT;
    }
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    // Events that begin with "after" take no answer, nor does the end of a session or of a subagent.
    if (told === '' || eventName?.startsWith('after') || event === 'session-end' || event === 'subagent-stop') {
      return NO_OUTPUT;
    }
    // The end of a turn takes a message to go on with; postToolUse and sessionStart take context.
    return jsonOutput(event === 'stop' ? { followup_message: told } : { additional_context: told });
  },
};
