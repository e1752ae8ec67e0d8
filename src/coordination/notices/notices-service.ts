import { MAX_AT_ONCE, type NoticeRepository } from './notice-repository.js';
import type { Notice } from './notice-types.js';

export type NoticesService = ReturnType<typeof createNoticesService>;

/** What agents are told with their next answers. */
export function createNoticesService({ repository }: { repository: Pick<NoticeRepository, 'drain'> }) {
  return {
    /** Takes the agent's notices, oldest first: each is given once. `hasMore`: there may be more than fit one answer. */
    async take(agentId: string): Promise<{ notices: Notice[]; hasMore: boolean }> {
      const notices = await repository.drain(agentId);
      return { notices, hasMore: notices.length >= MAX_AT_ONCE };
    },
  };
}
