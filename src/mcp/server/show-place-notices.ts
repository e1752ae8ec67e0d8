import type { ShownNotice } from '../../coordination/notices/fit-notices.js';
import { wordQuestion } from '../../identity/word-question.js';
import { quoteText } from '../../text/quote-text.js';
import { createPresenter } from '../schemas/tool-output.js';
import type { WorkplaceFinder } from './find-workplace.js';

/** Characters of a path. */
const MAX_CHARS = 160;

/** What an agent is told of the place where it works, among the notices of its first answer. */
export function showPlaceNotices(
  workplace: Pick<WorkplaceFinder, 'takeQuestion' | 'takeRefused'>,
  word: (text: string) => string,
): ShownNotice[] {
  const notices: ShownNotice[] = [];
  const add = (kind: string, message: string, data: Record<string, unknown>): void => {
    const shown = createPresenter();
    notices.push({ kind, at: new Date().toISOString(), message: shown.text(message), data: shown.json(data) });
  };
  const question = workplace.takeQuestion();
  if (question) {
    const { message, data } = wordQuestion(question, word);
    add('project_question', message, data);
  }
  const refused = workplace.takeRefused();
  if (refused !== null) {
    const message =
      `The repository ${quoteText(refused, MAX_CHARS)} belongs to another user, so it is not taken for one, as git does: ` +
      'this folder has a memory of its own. If your user trusts it: git config --global --add safe.directory and its path, then restart the client.';
    add('repository_refused', message, { repository: refused });
  }
  return notices;
}
