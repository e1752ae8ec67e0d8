import * as z from 'zod';
import { coverageJson } from '../../accountability/costs/cost-json.js';
import { humanDuration } from '../../text/age.js';
import { defineTool } from '../define-tool.js';
import { costTotal, coverage, grade, presentGrade, presentTotal } from '../schemas/cost-output.js';
import { session_id } from '../schemas/tool-input.js';
import { createPresenter, removed_invisible } from '../schemas/tool-output.js';

const { tokens_in, tokens_out, cost_usd, unpriced } = costTotal.shape;

export const summarizeSession = defineTool({
  name: 'session_summary',
  title: 'Session summary',
  description: 'What a task did and cost: yours, or any of the project.',
  input: z.strictObject({ session_id: session_id.describe('Default: yours') }),
  output: z.object({
    session_id: z.string(),
    agent_id: z.string(),
    agent: z.string(),
    client: z.string().nullable().optional(),
    task: z.string(),
    status: z.string(),
    summary: z.string().optional(),
    started_at: z.string(),
    ended_at: z.string().nullable(),
    duration: z.string(),
    // These lists are in every answer. They are optional here so that the list of tools does not repeat their items.
    files_touched: z.array(z.string()).optional(),
    files_locked: z.array(z.string()).optional(),
    decisions: z.array(z.object({ id: z.string(), topic: z.string(), decision: z.string() })).optional(),
    insights: z.array(z.object({ id: z.string(), key: z.string().nullable() })).optional(),
    stashes: z.array(z.object({ id: z.string(), name: z.string() })).optional(),
    tokens: z.object({ tokens_in, tokens_out }),
    cost_usd,
    unpriced,
    grade,
    coverage,
    removed_invisible,
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['timeline'],
  handle: 'none',
  examples: [
    {
      title: 'What the last task did',
      before: [
        { tool: 'start_task', input: { task: 'Add JWT authentication', files: ['lib/auth.ex'] } },
        { tool: 'decide', input: { topic: 'auth', decision: 'Use Guardian for JWT' } },
        {
          tool: 'end_task',
          input: {
            summary: 'Added JWT auth with Guardian.',
            tokens_in: 15_000,
            tokens_out: 8_000,
            model: 'claude-3-5-sonnet',
          },
        },
      ],
      input: { session_id: '<session_id>' },
      output: {
        task: 'Add JWT authentication',
        status: 'completed',
        files_touched: ['lib/auth.ex'],
        files_locked: ['lib/auth.ex'],
        tokens: { tokens_in: 15_000, tokens_out: 8_000 },
        cost_usd: 0.165,
        grade: 'reported',
        coverage: { sessions: 1, with_evidence: 0, reported_only: 1, missing: 0 },
      },
    },
  ],
  async handler(args, { actor, services }) {
    const summary = await services.timeline.summarizeSession(actor, args.session_id);
    const { cost, filesWritten, filesLocked } = summary;
    const total = presentTotal(cost);
    const shown = createPresenter();
    return {
      session_id: summary.sessionId,
      agent_id: summary.agentId,
      agent: shown.clipped(summary.agent, 60),
      client: summary.client === null ? undefined : shown.clipped(summary.client, 60),
      task: shown.text(summary.task),
      status: summary.status,
      summary: shown.optional(summary.summary) ?? undefined,
      started_at: summary.startedAt.toISOString(),
      ended_at: summary.endedAt?.toISOString() ?? null,
      duration: humanDuration(summary.durationMs),
      // Without hooks nothing is known of edits.
      files_touched: (filesWritten.length > 0 ? filesWritten : filesLocked).map(shown.text),
      files_locked: filesLocked.map(shown.text),
      decisions: summary.decisions.map(({ id, topic, decision }) => ({
        id,
        topic: shown.text(topic),
        decision: shown.text(decision),
      })),
      insights: summary.insights.map(({ id, key }) => ({ id, key: shown.optional(key) })),
      stashes: summary.stashes.map(({ id, name }) => ({ id, name: shown.text(name) })),
      tokens: { tokens_in: total.tokens_in, tokens_out: total.tokens_out },
      cost_usd: total.cost_usd,
      unpriced: total.unpriced,
      grade: presentGrade(cost),
      coverage: coverageJson(summary.coverage),
      removed_invisible: shown.removed(),
    };
  },
});
