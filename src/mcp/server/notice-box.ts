import { mapWithYields } from '../../async/yield-to-event-loop.js';
import type { Signals } from '../../db/signal-types.js';
import { createPresenter } from '../schemas/tool-output.js';
import type { Services } from '../services.js';
import { fitNotices, type ShownNotice } from './fit-notices.js';
import { type ToldNotice, wordNotice } from './word-notices.js';

export interface NoticeBox {
  /** Listens for signals about notices from now on. */
  listen(signals: Signals): void;
  /** There may be notices that no signal announced. */
  suspect(): void;
  /** The agent knows these decisions. */
  given(decisionIds: readonly string[]): void;
  /**
   * Takes the notices that came for the agent since the last call: each is given once. Never rejects.
   * @param always reads the table even when no signal came
   */
  take(services: Services, always: boolean): Promise<ShownNotice[]>;
  close(): void;
}

/** Decisions of one connection that are watched; the oldest are forgotten first. */
const MAX_GIVEN = 500;

/** Collects the notices for an agent's next answer. @param projectId its project's, once that is known */
export function createNoticeBox(agentId: string, projectId: () => string): NoticeBox {
  const given = new Set<string>();
  const superseded: { by: string; notice: ToldNotice }[] = [];
  const offs: (() => void)[] = [];
  let dirty = false;

  function supersede(old: string, by: string): void {
    if (!given.delete(old)) return;
    const facts = { decision_id: old, superseded_by: by };
    superseded.push({ by, notice: { kind: 'superseded', facts, createdAt: new Date() } });
  }

  async function drain(services: Services): Promise<ToldNotice[]> {
    const told = dirty;
    dirty = false;
    try {
      // A signal may have been missed: before there was a connection for them, or while that was broken.
      if (told && given.size > 0) {
        for (const { id, by } of await services.decisions.listSuperseded(projectId(), [...given])) supersede(id, by);
      }
      const { notices, hasMore } = await services.notices.take(agentId);
      if (hasMore) dirty = true;
      return notices;
    } catch {
      dirty = true;
      return [];
    }
  }

  return {
    listen(signals) {
      if (offs.length > 0) return;
      offs.push(
        signals.join(agentId),
        signals.on(`notice:${agentId}`, () => {
          dirty = true;
        }),
        signals.onPrefix(`superseded:${projectId()}:`, (rest) => {
          const [old = '', by = ''] = rest.split(':');
          supersede(old, by);
        }),
      );
    },
    suspect() {
      dirty = true;
    },
    given(decisionIds) {
      for (const id of decisionIds) {
        given.delete(id);
        given.add(id);
      }
      for (const id of given) {
        if (given.size <= MAX_GIVEN) break;
        given.delete(id);
      }
    },
    async take(services, always) {
      const stored = always || dirty ? await drain(services) : [];
      // The agent that recorded the newer decision knows of it.
      const heard = superseded.splice(0).filter(({ by }) => !given.has(by));
      return fitNotices(await mapWithYields([...stored, ...heard.map(({ notice }) => notice)], show));
    },
    close() {
      for (const off of offs.splice(0)) off();
    },
  };
}

/** Written by others: shown like any stored text. */
function show(notice: ToldNotice): ShownNotice {
  const shown = createPresenter();
  const { message, data } = wordNotice(notice);
  return {
    kind: notice.kind,
    at: notice.createdAt.toISOString(),
    message: shown.text(message),
    data: shown.json(data),
  };
}
