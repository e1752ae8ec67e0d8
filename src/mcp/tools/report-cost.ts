import * as z from 'zod';
import { coverageJson } from '../../accountability/costs/cost-json.js';
import { actInSession } from '../../coordination/sessions/act-in-session.js';
import { clipText } from '../../text/clip-text.js';
import { defineTool } from '../define-tool.js';
import { costTotal, coverage, grade, presentDollars, presentGrade, presentTotal } from '../schemas/cost-output.js';
import { session_id } from '../schemas/tool-input.js';
import { presentRedactions, redactions } from '../schemas/tool-output.js';

const tokens = z.int().min(0);

export const reportCost = defineTool({
  name: 'report_cost',
  title: 'Report cost',
  description: 'Report tokens used since your last report.',
  input: z.strictObject({
    tokens_in: tokens.describe('Without cached ones'),
    tokens_out: tokens.describe('Generated'),
    model: z.string().optional().describe('Your model'),
    cache_read_tokens: tokens.optional().describe('Cached input'),
    cache_write_tokens: tokens.optional().describe('Input put into the cache'),
    cost_usd: z.number().min(0).optional().describe('If known'),
    session_id,
  }),
  output: z.object({
    session_total: costTotal,
    today_total: costTotal,
    this_week: z.object({ cost_usd: z.number().nullable() }),
    grade,
    coverage,
    hint: z.string().optional(),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['reporting', 'sessions'],
  examples: [
    {
      title: 'What a request used',
      input: { tokens_in: 25_000, tokens_out: 12_000, model: 'claude-3-5-sonnet' },
      output: {
        session_total: { tokens_in: 25_000, tokens_out: 12_000, cost_usd: 0.255 },
        today_total: { tokens_in: 25_000, tokens_out: 12_000, cost_usd: 0.255 },
        this_week: { cost_usd: 0.255 },
        grade: 'reported',
      },
    },
    {
      title: 'A model without a known price',
      input: { tokens_in: 25_000, tokens_out: 12_000, model: 'house-model-1' },
      output: { session_total: { tokens_in: 25_000, tokens_out: 12_000, cost_usd: null } },
    },
  ],
  async handler(args, { actor: caller, services, resent, clientCall }) {
    const actor = await actInSession(services.sessions, caller, args.session_id);
    const answer = await services.reporting.report(
      actor,
      {
        tokensIn: args.tokens_in,
        tokensOut: args.tokens_out,
        cacheReadTokens: args.cache_read_tokens,
        cacheWriteTokens: args.cache_write_tokens,
        model: args.model,
        costUsd: args.cost_usd,
      },
      { resent, clientCall },
    );
    return {
      session_total: presentTotal(answer.task),
      today_total: presentTotal(answer.today),
      this_week: { cost_usd: presentDollars(answer.thisWeek) },
      grade: presentGrade(answer.task),
      coverage: coverageJson(answer.coverage),
      hint: answer.isPriced ? undefined : priceHint(answer.model),
      ...presentRedactions(answer.redacted),
    };
  },
});

function priceHint(model: string | null): string {
  if (model === null) return 'Not priced: pass model, or cost_usd.';
  return `No price is known for ${JSON.stringify(clipText(model, 60))}: pass cost_usd, or let the user set it in the file of POPSTASH_PRICES.`;
}
