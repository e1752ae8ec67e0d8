import * as z from 'zod';
import { knownWorktree } from '../../project/resolve-project.js';
import { humanAge } from '../../text/age.js';
import { cutText } from '../../text/clip-text.js';
import { quoteText } from '../../text/quote-text.js';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';
import { createPresenter, presentRedactions, redactions, unlessEmpty } from '../schemas/tool-output.js';

/** Of a topic: all of it. */
const MAX_TOPIC_CHARS = 200;

/** Characters of a decision that may contradict the new one: enough to tell whether it does. */
const MAX_SHOWN_CHARS = 300;

export const recordDecision = defineTool({
  name: 'decide',
  title: 'Record a decision',
  description: 'Record an architectural decision for all agents. conflicts_with lists decisions it may contradict.',
  input: z.strictObject({
    topic: z.string().describe('Area it affects'),
    decision: z.string().describe('What was decided'),
    reasoning: z.string().optional().describe('Why'),
    supersedes: z.string().optional().describe('Id of the decision it replaces'),
    session_id,
  }),
  output: z.object({
    decision_id: z.string(),
    topic: z.string(),
    created_at: z.string(),
    visibility: z.literal('all_agents'),
    supersedes: z.string().optional(),
    conflicts_with: z
      .array(z.object({ decision_id: z.string(), topic: z.string(), decision: z.string(), age: z.string() }))
      .optional(),
    tip: z.string(),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['decisions'],
  examples: [
    {
      title: 'A choice that binds everyone',
      input: {
        topic: 'authentication',
        decision: 'Use Guardian library for JWT tokens',
        reasoning: 'Better Plug integration than alternatives. Active maintenance. Team has prior experience.',
      },
      output: { topic: 'authentication', visibility: 'all_agents' },
    },
  ],
  async handler(args, { actor, services, workplace, resent, given, recorded }) {
    const saved = await services.decisions.save(actor, args, { resent, worktree: knownWorktree(workplace) });
    recorded(saved.id);
    given([saved.id, ...saved.conflictsWith.map(({ id }) => id)]);
    const shown = createPresenter();
    const conflicts = saved.conflictsWith.map((row) => ({
      decision_id: row.id,
      topic: shown.text(row.topic),
      decision: shown.text(cutText(row.decision, MAX_SHOWN_CHARS)),
      age: humanAge(row.createdAt, row.now),
    }));
    return {
      decision_id: saved.id,
      topic: saved.topic,
      created_at: saved.createdAt.toISOString(),
      visibility: 'all_agents' as const,
      supersedes: saved.replacedId ?? undefined,
      conflicts_with: unlessEmpty(conflicts),
      tip:
        conflicts.length > 0
          ? 'Recorded. If it replaces one of conflicts_with, decide again with supersedes, then forget this one.'
          : `Other agents see it with get_decisions, topic ${quoteText(saved.topic, MAX_TOPIC_CHARS)}.`,
      ...presentRedactions(saved.redacted),
    };
  },
});
