import * as z from 'zod';
import { mapWithYields } from '../../async/yield-to-event-loop.js';
import type { DecisionRow } from '../../memory/decisions/decision-reads.js';
import type { DecisionsAnswer } from '../../memory/decisions/find-decisions.js';
import { humanAge } from '../../text/age.js';
import { defineTool } from '../define-tool.js';
import { explainHits, explainNoHits } from '../schemas/explain-search.js';
import {
  createPresenter,
  degraded,
  marked_wrong,
  type Presenter,
  presentWrong,
  removed_invisible,
  unlessEmpty,
} from '../schemas/tool-output.js';

const decision = z.object({
  decision_id: z.string(),
  topic: z.string(),
  decision: z.string(),
  reasoning: z.string().nullable(),
  created_at: z.string(),
  age: z.string(),
  author: z.string().nullable(),
  superseded_by: z.string().optional(),
  omitted_chars: z.int().optional(),
  marked_wrong,
});

export const getDecisions = defineTool({
  name: 'get_decisions',
  title: 'Get decisions',
  description: 'Decisions on a topic (exact, else by meaning). Without a topic: the newest, and the list of topics.',
  input: z.strictObject({
    topic: z.string().optional().describe('Area'),
    limit: z.int().min(1).max(100).default(10).describe('Results'),
    include_superseded: z.boolean().default(false).describe('Replaced ones too'),
  }),
  output: z.object({
    decisions: z.array(decision),
    match: z.enum(['topic', 'meaning', 'newest', 'none']),
    topics: z.array(z.string()).optional(),
    message: z.string().optional(),
    removed_invisible,
    degraded,
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['decisions', 'feedback'],
  examples: [
    {
      title: 'What was decided on a topic',
      before: [{ tool: 'decide', input: { topic: 'caching', decision: 'Cache sessions in Redis, nothing else.' } }],
      input: { topic: 'caching' },
      output: { match: 'topic', decisions: [{ topic: 'caching', decision: 'Cache sessions in Redis, nothing else.' }] },
    },
  ],
  async handler(args, { actor, services, given }) {
    const answer = await services.decisions.find(actor, {
      topic: args.topic,
      limit: args.limit,
      includeSuperseded: args.include_superseded,
    });
    given(answer.decisions.filter((row) => !row.supersededBy).map(({ id }) => id));
    if (args.topic) {
      services.feedback.shown(
        actor,
        args.topic,
        answer.decisions.map(({ id }) => id),
      );
    }
    const shown = createPresenter();
    return {
      decisions: await mapWithYields(answer.decisions, (row) => presentDecision(row, shown)),
      match: answer.match,
      topics: unlessEmpty(answer.topics.map(shown.text)),
      message: answer.match === 'none' ? explainNone(answer) : explainHits(answer.degraded),
      removed_invisible: shown.removed(),
      degraded: unlessEmpty(answer.degraded),
    };
  },
});

function explainNone({ topics, ...answer }: DecisionsAnswer): string {
  const nothing = 'No decision has been recorded in this project yet.';
  const message = explainNoHits({
    ...answer,
    nothing: topics.length > 0 ? 'No decision fits this topic.' : nothing,
    what: 'decision',
    way: 'call recall',
  });
  return topics.length > 0 ? `${message} topics lists those there are.` : message;
}

function presentDecision(row: DecisionRow, shown: Presenter): z.input<typeof decision> {
  return {
    decision_id: row.id,
    topic: shown.text(row.topic),
    decision: shown.text(row.decision),
    reasoning: shown.optional(row.reasoning),
    created_at: row.createdAt.toISOString(),
    age: humanAge(row.createdAt, row.now),
    author: shown.author(row.author),
    superseded_by: row.supersededBy ?? undefined,
    omitted_chars: row.omittedChars || undefined,
    marked_wrong: presentWrong(row.wrongSessions),
  };
}
