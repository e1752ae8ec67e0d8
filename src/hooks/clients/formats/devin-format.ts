import { join } from 'node:path';
import type { HookFormat } from '../../definition/hook-format.js';
import { jsonOutput, NO_OUTPUT } from '../../definition/hook-output.js';
import { claudeCodeFormat } from './claude-code-format.js';

/** Devin has Claude Code's events and contexts, and refuses by `decision`. */
export const devinFormat: HookFormat = {
  name: 'devin',
  calledAs: 'devin',
  folderVariable: 'DEVIN_PROJECT_DIR',
  tools: { edits: ['write', 'edit', 'apply_patch', 'notebook_edit'], shells: ['exec'] },

  borrows: {
    isRunner: (_fields, env) => env.DEVIN_PROJECT_DIR !== undefined,
    ownFiles: (folder, home) => [
      join(folder, '.devin', 'hooks.v1.json'),
      join(home, '.config', 'devin', 'config.json'),
    ],
  },

  readPayload: claudeCodeFormat.readPayload,

  writeVerdict(event, eventName, verdict) {
    const { decision, message = '', context } = verdict;
    if (event === 'pre-tool-use')
      return decision === 'deny' ? jsonOutput({ decision: 'block', reason: message }) : NO_OUTPUT;
    if (event === 'stop' || event === 'subagent-stop' || event === 'session-end') return NO_OUTPUT;
    const told = [decision === 'pass' ? '' : message, context].filter(Boolean).join('\n');
    return claudeCodeFormat.writeVerdict(event, eventName, { popstash: 'verdict', decision: 'pass', context: told });
  },
};
