import * as z from 'zod';
import { knownWorktree } from '../../project/resolve-project.js';
import { humanAge } from '../../text/age.js';
import { defineTool } from '../define-tool.js';
import { explainHits, explainNoHits } from '../schemas/explain-search.js';
import { holdFields, presentHolds } from '../schemas/hold-fields.js';
import {
  createPresenter,
  degraded,
  marked_wrong,
  presentWrong,
  removed_invisible,
  roundScore,
  unlessEmpty,
  wordPlace,
} from '../schemas/tool-output.js';

export const popStash = defineTool({
  name: 'pop',
  title: 'Restore a stash',
  description: 'Restore a stash by its name, or by a description of it in your own words. It is kept unless drop.',
  input: z.strictObject({
    query: z.string().describe('Name or description'),
    version: z.int().min(1).optional().describe('With an exact name; default newest'),
    drop: z.boolean().optional().describe('Forget it afterwards'),
  }),
  output: z.object({
    found: z.boolean(),
    stash_id: z.string().optional(),
    name: z.string().optional(),
    version: z.int().optional(),
    summary: z.string().optional(),
    files: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    match_score: z.number().optional(),
    created_at: z.string().optional(),
    age: z.string().optional(),
    created_by: z.string().nullable().optional(),
    author: z.string().nullable().optional(),
    session_id: z.string().nullable().optional(),
    expires_at: z.string().nullable().optional(),
    marked_wrong,
    ...holdFields,
    dropped: z.boolean().optional(),
    alternatives: z
      .array(
        z.object({
          stash_id: z.string(),
          name: z.string(),
          match_score: z.number(),
          passage: z.string(),
          place: z.string().optional(),
        }),
      )
      .optional(),
    message: z.string().optional(),
    recent_names: z.array(z.string()).optional(),
    removed_invisible,
    degraded,
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  uses: ['stashes', 'feedback'],
  examples: [
    {
      title: 'By name',
      before: [{ tool: 'stash', input: { name: 'router-wip', summary: 'Moving the API routes to their own module.' } }],
      input: { query: 'router-wip' },
      output: { found: true, name: 'router-wip', summary: 'Moving the API routes to their own module.' },
    },
    {
      title: 'By a fuzzy description',
      before: [
        {
          tool: 'stash',
          input: { name: 'payments-wip', summary: 'Stripe webhooks: signature check done, retries still to do.' },
        },
      ],
      input: { query: 'that stripe webhook thing I was working on' },
      output: { found: true, name: 'payments-wip' },
    },
  ],
  async handler(args, { actor, services, workplace }) {
    const {
      stash,
      matchScore,
      alternatives,
      recentNames,
      elsewhere,
      dropped,
      holds,
      degraded: away,
    } = await services.stashes.pop(actor, knownWorktree(workplace), args);
    services.feedback.shown(
      actor,
      args.query,
      [stash, ...alternatives].flatMap((each) => each?.id ?? []),
    );
    const shown = createPresenter();
    if (!stash) {
      return {
        found: false,
        message: explainNoHits({
          nothing:
            recentNames.length > 0
              ? 'No stash is close to this query. Try one of recent_names, or other words.'
              : 'There are no stashes in this project yet; save one with stash.',
          what: 'stash',
          degraded: away,
          elsewhere,
          way: 'call recall',
        }),
        recent_names: recentNames.map(shown.text),
        degraded: unlessEmpty(away),
      };
    }
    return {
      found: true,
      stash_id: stash.id,
      name: shown.text(stash.name),
      version: stash.version,
      summary: shown.text(stash.summary),
      files: stash.files.map(shown.text),
      metadata: Object.keys(stash.metadata).length > 0 ? shown.json(stash.metadata) : undefined,
      match_score: matchScore === null ? undefined : roundScore(matchScore),
      created_at: stash.createdAt.toISOString(),
      age: humanAge(stash.createdAt, stash.now),
      created_by: stash.createdBy,
      author: shown.author(stash.author),
      session_id: stash.sessionId,
      expires_at: stash.expiresAt?.toISOString() ?? null,
      marked_wrong: presentWrong(stash.wrongSessions),
      ...presentHolds(holds, shown),
      dropped: dropped || undefined,
      message: explainHits(away),
      alternatives: unlessEmpty(
        alternatives.map((other) => ({
          stash_id: other.id,
          name: shown.text(other.name),
          match_score: roundScore(other.matchScore),
          passage: shown.text(other.passage),
          place: wordPlace(other.place),
        })),
      ),
      removed_invisible: shown.removed(),
      degraded: unlessEmpty(away),
    };
  },
});
