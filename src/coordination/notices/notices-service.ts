import { stripInvisible } from '../../text/present-text.js';
import { OTHERS_WORDS, quoteText } from '../../text/quote-text.js';
import { showInLine } from '../../text/show-controls.js';
import { fitNotices } from './fit-notices.js';
import { MAX_AT_ONCE, type NoticeRepository } from './notice-repository.js';
import type { Notice, SupersededFacts } from './notice-types.js';
import { wordNotice } from './word-notices.js';

/** Characters of an announcement. */
const MAX_MESSAGE = 900;

export type NoticesService = ReturnType<typeof createNoticesService>;

/** What agents are told with their next answers and hooks. */
export function createNoticesService({ repository }: { repository: NoticeRepository }) {
  /** Takes the agent's notices, oldest first: each is given once. `hasMore`: there may be more than fit one answer. */
  async function take(agentId: string): Promise<{ notices: Notice[]; hasMore: boolean }> {
    const notices = await repository.drain(agentId);
    return { notices, hasMore: notices.length >= MAX_AT_ONCE };
  }

  return {
    take,

    /** Takes them as the text of a hook; null when there are none. */
    async takeText(agentId: string): Promise<string | null> {
      const { notices } = await take(agentId);
      const shown = fitNotices(
        notices.map((notice) => ({ kind: notice.kind, at: notice.createdAt.toISOString(), ...wordNotice(notice) })),
      );
      if (shown.length === 0) return null;
      // One line each, so that nothing in one passes for a line of ours.
      const lines = shown.map(({ kind, message, data }) => {
        const said = kind === 'announcement' ? quoteText(message, MAX_MESSAGE) : message;
        return showInLine(stripInvisible(`- ${kind}: ${said} ${JSON.stringify(data)}`));
      });
      return `PopStash: since your last call. ${OTHERS_WORDS}\n${lines.join('\n')}`;
    },

    /** Tells the agent of decisions that it was given and that were superseded since. */
    leaveSuperseded: (agentId: string, facts: readonly SupersededFacts[]): Promise<void> =>
      repository.leaveSuperseded(agentId, facts),
  };
}
