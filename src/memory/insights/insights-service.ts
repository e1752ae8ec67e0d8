import { logActivitySpan } from '../../accountability/activity/log-span.js';
import type { Actor } from '../../actor/actor.js';
import type { WriteOptions } from '../../actor/write-options.js';
import { createInputCleaner, type Redactions } from '../../text/clean-input.js';
import { newId } from '../../text/ids.js';
import type { PlacedWriteDeps } from '../memory-deps.js';
import { retryOnConflict } from '../retry-conflict.js';
import { findSimilarInsights, type SimilarInsight } from './find-similar.js';
import type { InsightRepository, SavedInsight } from './insight-repository.js';

export interface InsightInput {
  content: string;
  key?: string | undefined;
  tags?: readonly string[] | undefined;
}

export interface InsightResult extends SavedInsight {
  similar: SimilarInsight[];
  redacted: Redactions;
}

export type InsightsService = ReturnType<typeof createInsightsService>;

export function createInsightsService(deps: PlacedWriteDeps & { repository: InsightRepository }) {
  const { repository, enqueueEmbedding, notes, redactor, telemetry } = deps;

  async function save(
    actor: Actor,
    insight: { key: string | null; content: string; tags: string[] },
  ): Promise<SavedInsight> {
    return telemetry.withSpan(
      'pop_stash.insight.create',
      { 'insight.key': insight.key, 'agent.id': actor.agentId },
      async (span) => {
        const saved = await retryOnConflict(`The insight ${insight.key ?? ''}`, () =>
          repository.save(actor, { ...insight, id: newId('insight_') }),
        );
        span.set({ 'insight.id': saved.id });
        if (saved.replacedId) {
          // An update has a span of its own: the same event, named by the key.
          telemetry.record('pop_stash.insight.update', {
            'insight.id': saved.id,
            'insight.key': saved.key,
            'agent.id': actor.agentId,
          });
        }
        logActivitySpan(telemetry, actor, 'insight');
        return saved;
      },
    );
  }

  return {
    /**
     * Saves knowledge that never expires; an existing key gets a new version. Near-duplicates come back as a warning.
     * @throws AppError `invalid_argument` or `too_large` naming the argument.
     */
    async save(actor: Actor, input: InsightInput, options: WriteOptions = {}): Promise<InsightResult> {
      const clean = createInputCleaner(redactor);
      const insight = {
        content: await clean.text('content', input.content),
        key: input.key === undefined ? null : await clean.label('key', input.key),
        tags: await clean.labels('tags', input.tags ?? []),
      };
      const already = options.resent ? await repository.findRecentEqual(actor, insight) : null;
      if (already) return { ...already, similar: [], redacted: clean.redacted() };
      const noteOrigin = notes.begin(options.worktree, { text: insight.content, files: [] });
      const saving = save(actor, insight);
      // Read beside the write, on another connection; a failure costs the warning, not the insight.
      const similar = findSimilarInsights(repository, actor.projectId, insight.content).catch(() => []);
      const saved = await saving;
      const found = await similar;
      // Only now: giving a job takes time, and the answer waits for nothing else.
      enqueueEmbedding(saved.passageIds);
      noteOrigin(saved.id);
      const others = found.filter(({ id }) => id !== saved.id && id !== saved.replacedId);
      return { ...saved, similar: others, redacted: clean.redacted() };
    },
  };
}
