import type { ShownNotice } from '../../coordination/notices/fit-notices.js';
import type { ProjectQuestion } from '../../identity/identity-types.js';
import { wordQuestion } from '../../identity/word-question.js';
import { createPresenter } from '../schemas/tool-output.js';

/** What the agent's user is asked about its project, among the notices of its first answer. */
export function showQuestion(question: ProjectQuestion): ShownNotice {
  const shown = createPresenter();
  const { message, data } = wordQuestion(question);
  return {
    kind: 'project_question',
    at: new Date().toISOString(),
    message: shown.text(message),
    data: shown.json(data),
  };
}
