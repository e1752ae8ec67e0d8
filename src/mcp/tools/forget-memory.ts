import * as z from 'zod';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';

export const forgetMemory = defineTool({
  name: 'forget',
  title: 'Forget',
  description: 'Forget a stash, insight or decision that is wrong or outdated (restorable for 30 days).',
  input: z.strictObject({
    id: z.string().describe('stash_…, insight_… or dec_…'),
    reason: z.string().optional().describe('Why'),
    session_id,
  }),
  output: z.object({
    id: z.string(),
    kind: z.string(),
    forgotten: z.string(),
    forgotten_at: z.string(),
    restorable_for: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  uses: ['forget'],
  examples: [
    {
      title: 'What turned out to be wrong',
      before: [{ tool: 'insight', input: { key: 'port', content: 'The API listens on port 3000.' } }],
      input: { id: '<insight_id>', reason: 'It listens on 4000 since the move.' },
      output: { kind: 'insight', forgotten: 'port', restorable_for: '30 days' },
    },
  ],
  async handler(args, { actor, services }) {
    const gone = await services.forget.forget(actor, args.id, args.reason ?? null);
    return {
      id: gone.id,
      kind: gone.kind,
      forgotten: gone.label,
      forgotten_at: gone.forgottenAt.toISOString(),
      restorable_for: `${gone.restorableDays} days`,
    };
  },
});
