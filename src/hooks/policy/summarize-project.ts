import type { HookVerdict } from '../../ipc/control-protocol.js';
import { humanAge } from '../../text/age.js';
import { createAgentWords } from '../../text/word-agent.js';
import { type GuardDeps, type HookContext, tell } from './guard-types.js';

const SHOWN_AGENTS = 6;
const SHOWN_FILES = 6;

/** What an agent should know when its session begins: who works on what, and where to start. */
export async function summarizeProject(
  { sessions }: GuardDeps,
  { projectId, agent }: HookContext,
): Promise<HookVerdict> {
  const { active, now } = await sessions.whoIsWorking(projectId);
  const others = active.filter(({ agentId }) => agentId !== agent?.id);
  const word = createAgentWords();
  const lines = others.slice(0, SHOWN_AGENTS).map(({ agent: other, files, lastActive }) => {
    const more = files.length > SHOWN_FILES ? ` and ${files.length - SHOWN_FILES} more` : '';
    const held = files.length > 0 ? `; holds ${files.slice(0, SHOWN_FILES).join(', ')}${more}` : '';
    return `- ${word(other)}${held} (last active: ${humanAge(lastActive, now)})`;
  });
  if (others.length > SHOWN_AGENTS) lines.push(`- and ${others.length - SHOWN_AGENTS} more (who_is_working)`);
  const board =
    lines.length > 0 ? `At work in this project now:\n${lines.join('\n')}` : 'No other agent is at work here now.';
  return tell(
    `PopStash keeps the memory of this project and keeps its agents apart. ${board}\n` +
      'Call start_task with what you are about to do and the files you will edit: it locks them and returns what is ' +
      'known of the task. Edits of files that another agent holds are refused. Call end_task when you are done.',
  );
}
