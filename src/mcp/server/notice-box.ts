import { mapWithYields } from '../../async/yield-to-event-loop.js';
import { fitNotices, type ShownNotice } from '../../coordination/notices/fit-notices.js';
import type { Notice } from '../../coordination/notices/notice-types.js';
import { wordNotice } from '../../coordination/notices/word-notices.js';
import type { Logger } from '../../logger.js';
import { createPresenter } from '../schemas/tool-output.js';
import type { Services } from '../services.js';

export interface NoticeBox {
  /** Listens for signals about notices from now on. */
  listen(services: Services): void;
  /** There may be notices that no signal announced. */
  suspect(): void;
  /** The agent knows these decisions. */
  given(decisionIds: readonly string[]): void;
  /** The agent recorded this decision itself. */
  recorded(decisionId: string): void;
  /**
   * Takes the notices that came for the agent since the last call: each is given once. Never rejects.
   * @param always reads the table even when no signal came
   */
  take(services: Services, always: boolean): Promise<ShownNotice[]>;
  close(): void;
}

/** Decisions of one connection that are watched; the oldest are forgotten first. */
const MAX_WATCHED = 500;
/** The agent that records a newer decision is known to know it within this, in ms; then the notice is written. */
const OWN_MS = 250;

/** Collects the notices for an agent's next answer. @param projectId its project's, once that is known */
export function createNoticeBox(agentId: string, projectId: () => string, logger: Logger): NoticeBox {
  const given = new Set<string>();
  const own = new Set<string>();
  let superseded: { old: string; by: string }[] = [];
  const offs: (() => void)[] = [];
  let dirty = false;
  let timer: NodeJS.Timeout | undefined;

  function supersede(old: string, by: string): void {
    if (given.delete(old)) superseded.push({ old, by });
  }

  /** Writes what was superseded: a hook may deliver it, in another process. */
  async function store({ notices }: Services): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const heard = superseded;
    superseded = [];
    // The agent that recorded the newer decision knows of it.
    const news = heard.filter(({ by }) => !own.has(by));
    if (news.length === 0) return;
    try {
      const facts = news.map(({ old, by }) => ({ decision_id: old, superseded_by: by }));
      await notices.leaveSuperseded(agentId, facts);
      dirty = true;
    } catch (error) {
      superseded.push(...news);
      throw error;
    }
  }

  async function drain(services: Services): Promise<Notice[]> {
    const told = dirty;
    dirty = false;
    try {
      // A signal may have been missed: before there was a connection for them, or while that was broken.
      if (told && given.size > 0) {
        for (const { id, by } of await services.decisions.listSuperseded(projectId(), [...given])) supersede(id, by);
        await store(services);
      }
      const { notices, hasMore } = await services.notices.take(agentId);
      dirty = hasMore;
      return notices;
    } catch {
      dirty = true;
      return [];
    }
  }

  return {
    listen(services) {
      if (offs.length > 0) return;
      const { signals } = services;
      const storeLater = () => {
        timer ??= setTimeout(() => {
          store(services).catch((error: unknown) => logger.debug({ err: error }, 'a notice was not stored yet'));
        }, OWN_MS).unref();
      };
      offs.push(
        signals.join(agentId),
        signals.on(`notice:${agentId}`, () => {
          dirty = true;
        }),
        signals.onPrefix(`superseded:${projectId()}:`, (rest) => {
          const [old = '', by = ''] = rest.split(':');
          supersede(old, by);
          if (superseded.length > 0) storeLater();
        }),
      );
    },
    suspect() {
      dirty = true;
    },
    given(decisionIds) {
      for (const id of decisionIds) remember(given, id);
    },
    recorded(decisionId) {
      remember(own, decisionId);
    },
    async take(services, always) {
      if (superseded.length > 0) await store(services).catch(() => undefined);
      const stored = always || dirty ? await drain(services) : [];
      return fitNotices(await mapWithYields(stored, show));
    },
    close() {
      clearTimeout(timer);
      for (const off of offs.splice(0)) off();
    },
  };
}

/** Adds the newest, and forgets the oldest when there are too many. */
function remember(decisions: Set<string>, id: string): void {
  decisions.delete(id);
  decisions.add(id);
  for (const oldest of decisions) {
    if (decisions.size <= MAX_WATCHED) break;
    decisions.delete(oldest);
  }
}

/** Written by others: shown like any stored text. */
function show(notice: Notice): ShownNotice {
  const shown = createPresenter();
  const { message, data } = wordNotice(notice);
  return {
    kind: notice.kind,
    at: notice.createdAt.toISOString(),
    message: shown.text(message),
    data: shown.json(data),
  };
}
