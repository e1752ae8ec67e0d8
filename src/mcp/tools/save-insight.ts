import * as z from 'zod';
import type { InsightResult } from '../../memory/insights/insights-service.js';
import { knownWorktree } from '../../project/resolve-project.js';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';
import {
  createPresenter,
  type Presenter,
  presentRedactions,
  presentReplaced,
  redactions,
  replaced,
  unlessEmpty,
} from '../schemas/tool-output.js';

export const saveInsight = defineTool({
  name: 'insight',
  title: 'Save an insight',
  description: 'Save lasting knowledge about the codebase for every future session. A key that exists is updated.',
  input: z.strictObject({
    content: z.string().describe('What to remember'),
    key: z.string().optional().describe('For direct retrieval and updates'),
    tags: z.array(z.string()).max(50).optional().describe('Subjects'),
    session_id,
  }),
  output: z.object({
    insight_id: z.string(),
    key: z.string().nullable(),
    version: z.int(),
    created_at: z.string(),
    embedding: z.string(),
    similar: z
      .array(
        z.object({ insight_id: z.string(), key: z.string().nullable(), content: z.string(), similarity: z.number() }),
      )
      .optional(),
    replaced,
    tip: z.string(),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['insights'],
  examples: [
    {
      title: 'Something the next session must not learn again',
      input: {
        key: 'auth-patterns',
        content:
          "This codebase uses Guardian for JWT auth. Tokens expire in 24h. Refresh tokens stored in Redis. All auth errors return 401 with {error: 'unauthorized'}.",
      },
      output: { key: 'auth-patterns', embedding: 'pending' },
    },
  ],
  async handler(args, { actor, services, workplace, resent }) {
    const saved = await services.insights.save(actor, args, { resent, worktree: knownWorktree(workplace) });
    const shown = createPresenter();
    const similar = saved.similar.map((other) => ({
      insight_id: other.id,
      key: shown.optional(other.key),
      content: shown.text(other.content),
      similarity: other.similarity,
    }));
    return {
      insight_id: saved.id,
      key: saved.key,
      version: saved.version,
      created_at: saved.createdAt.toISOString(),
      embedding: 'pending',
      similar: unlessEmpty(similar),
      replaced: presentReplaced(saved.replaced, shown),
      tip: adviseAfter(saved, shown),
      ...presentRedactions(saved.redacted),
    };
  },
});

function adviseAfter({ replaced: old, similar }: InsightResult, shown: Presenter): string {
  if (old) {
    return `It replaced what ${shown.author(old.author) ?? 'another agent'} had saved under this key, kept as version ${old.version}: recall with id "${old.id}". If that still holds, save one of the two under another key.`;
  }
  return similar.length > 0
    ? 'Saved. Insights in similar say nearly the same: consider updating one by its key, or forget the outdated one.'
    : 'Every agent of this project finds it with recall.';
}
