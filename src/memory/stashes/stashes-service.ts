import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { AppError } from '../../errors.js';
import { cleanQuery, createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { newId } from '../../text/ids.js';
import { quoteText } from '../../text/quote-text.js';
import type { PassageDeps } from '../excerpts/show-passages.js';
import type { ForgetService } from '../forget/forget-service.js';
import type { PlacedWriteDeps } from '../memory-deps.js';
import type { HoldLabels } from '../origins/label-holds.js';
import { retryOnConflict } from '../retry-conflict.js';
import type { Search } from '../search/search-types.js';
import { findStash, NOTHING, type PopResult } from './find-stash.js';
import type { SavedStash, StashRepository } from './stash-repository.js';

/** Of a name that an error repeats. */
const MAX_NAME = 60;

export interface StashInput {
  name: string;
  summary: string;
  files?: readonly string[] | undefined;
  ttlDays?: number | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export interface PopInput {
  query: string;
  version?: number | undefined;
  drop?: boolean | undefined;
}

export type StashesService = ReturnType<typeof createStashesService>;

export function createStashesService(
  deps: PlacedWriteDeps &
    PassageDeps & { repository: StashRepository; search: Search; forget: ForgetService; labels: HoldLabels },
) {
  const { repository, forget, labels, enqueueEmbedding, notes, redactor, telemetry } = deps;

  async function assertVersion(actor: Actor, name: string, version: number): Promise<never> {
    const versions = await repository.listVersions(actor.projectId, name);
    throw new AppError({
      code: 'not_found',
      message:
        versions.length === 0
          ? `There is no stash named ${quoteText(name, MAX_NAME)}.`
          : `Stash ${quoteText(name, MAX_NAME)} has no version ${version}.`,
      fix:
        versions.length === 0
          ? 'Give the exact name together with version, or leave version out to search.'
          : `Versions that exist: ${versions.join(', ')}.`,
    });
  }

  return {
    /** Names of the newest stashes that begin so, whatever the case. */
    listNames: (projectId: string, prefix: string, limit: number): Promise<string[]> =>
      repository.listRecentNames(projectId, limit, prefix),

    /**
     * Saves context under a name; the same name again is a new version.
     * @throws AppError `invalid_argument` or `too_large` naming the argument.
     */
    async save(
      actor: Actor,
      input: StashInput,
      options: WriteOptions = {},
    ): Promise<SavedStash & { redacted: Redactions }> {
      const clean = createInputCleaner(redactor);
      const stash = {
        name: await clean.label('name', input.name),
        summary: await clean.text('summary', input.summary),
        files: await clean.paths('files', input.files ?? []),
        metadata: await clean.json('metadata', input.metadata ?? {}),
        ttlDays: input.ttlDays ?? null,
      };
      const already = options.resent ? await repository.findRecentEqual(actor, stash) : null;
      if (already) return { ...already, redacted: clean.redacted() };
      const noteOrigin = notes.begin(options.worktree, { text: stash.summary, files: stash.files });
      return telemetry.withSpan(
        'pop_stash.stash.create',
        { 'stash.name': stash.name, 'agent.id': actor.agentId },
        async (span) => {
          const saved = await retryOnConflict(`The stash ${stash.name}`, () =>
            repository.save(actor, { ...stash, id: newId('stash_') }),
          );
          span.set({ 'stash.id': saved.id });
          logActivitySpan(telemetry, actor, 'stash');
          enqueueEmbedding(saved.passageIds);
          noteOrigin(saved.id);
          return { ...saved, redacted: clean.redacted() };
        },
      );
    },

    /**
     * The stash of that name, else the one that matches the description best. It stays unless `drop`.
     * @param worktree where the agent works; undefined where that is not known
     * @throws AppError `not_found` when a version is asked for that does not exist.
     */
    async pop(actor: Actor, worktree: string | undefined, input: PopInput): Promise<PopResult> {
      const query = await cleanQuery(redactor, 'query', input.query);
      return telemetry.withSpan('pop_stash.stash.pop', { 'agent.id': actor.agentId }, async (span) => {
        const label = labels.begin(worktree);
        const named = await repository.findByName(actor.projectId, query.trim(), input.version ?? null);
        if (!named && input.version !== undefined) return assertVersion(actor, query.trim(), input.version);
        const found: Omit<PopResult, 'dropped'> = named
          ? { ...NOTHING, stash: named }
          : await findStash(deps, actor.projectId, query);
        span.set({ 'stash.id': found.stash?.id, 'stash.name': found.stash?.name });
        if (found.stash && input.drop) await forget.forget(actor, found.stash.id, 'dropped by pop');
        const { stash } = found;
        const holds = stash && (await label([{ ...stash, text: stash.summary }])).get(stash.id);
        return { ...found, holds: holds ?? undefined, dropped: Boolean(found.stash && input.drop) };
      });
    },
  };
}
