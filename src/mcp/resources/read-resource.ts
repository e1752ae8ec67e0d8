import { showPath } from '../../coordination/locks/show-path.js';
import { humanAgo, humanRemaining } from '../../text/age.js';
import { presentName } from '../../text/present-agent.js';
import { createPresenter } from '../schemas/tool-output.js';
import { getDecisions } from '../tools/get-decisions.js';
import { showTimeline } from '../tools/show-timeline.js';
import { summarizeSession } from '../tools/summarize-session.js';
import { type Reader, readWith } from './reader-context.js';
import { SCHEME, SESSION_PREFIX } from './resource-list.js';

/** Entries of a resource that is a list. */
const MAX_ENTRIES = 50;
/** Characters of a task. */
const MAX_TASK_CHARS = 200;

/** The content of a resource; null where there is no such resource. @throws AppError as services do */
export async function readResource(uri: string, reader: Reader): Promise<Record<string, unknown> | null> {
  switch (uri) {
    case `${SCHEME}timeline`:
      return await readWith(showTimeline, { limit: MAX_ENTRIES }, reader);
    case `${SCHEME}decisions`:
      return await readWith(getDecisions, { limit: MAX_ENTRIES }, reader);
    case `${SCHEME}locks`:
      return await readLocks(reader);
    default:
  }
  if (!uri.startsWith(SESSION_PREFIX) || uri.length === SESSION_PREFIX.length) return null;
  return await readWith(summarizeSession, { session_id: uri.slice(SESSION_PREFIX.length) }, reader);
}

async function readLocks({ services, workplace }: Reader): Promise<Record<string, unknown>> {
  const { locks, waiters, now } = await services.locks.list(workplace.id);
  const shown = createPresenter();
  const task = (text: string | null) => (text === null ? null : shown.clipped(text, MAX_TASK_CHARS));
  return {
    locks: locks.map((lock) => ({
      file: shown.text(showPath(lock.worktree, lock.pattern, workplace)),
      held_by: lock.agentId,
      ...presentName(lock.holder),
      task: task(lock.task),
      mode: lock.mode,
      token: lock.token,
      expires_in: humanRemaining(lock.expiresAt.getTime() - now.getTime()),
      last_active: humanAgo(lock.lastActive, now),
    })),
    waiting: waiters.map((waiter) => ({
      agent_id: waiter.agentId,
      ...presentName(waiter.holder),
      task: task(waiter.task),
      files: waiter.patterns.map(shown.text),
    })),
    removed_invisible: shown.removed(),
  };
}
