import { quoteText } from '../text/quote-text.js';
import type { ProjectQuestion } from './identity-types.js';

/** Characters of a path or a name. */
const MAX_CHARS = 160;

/** What an agent is told, and asks its user, about a project that may be one with another. */
export function wordQuestion(
  { project, twin, isThere }: ProjectQuestion,
  word: (text: string) => string,
): { message: string; data: Record<string, unknown> } {
  const what = quoteText(twin.name ?? twin.root, MAX_CHARS);
  const memories = twin.memories === 1 ? '1 memory' : `${twin.memories} memories`;
  const where = isThere ? 'which is still there' : 'whose place is another one now';
  return {
    message:
      `This folder may be a copy or clone of the project ${what} (${memories}), ${where}. It has a memory of its own ` +
      `until your user says whether both are one. Ask them to run here: ${word('popstash projects link')}, or the same with --separate.`,
    data: { project_id: project, twin_id: twin.id, twin_root: twin.root },
  };
}
