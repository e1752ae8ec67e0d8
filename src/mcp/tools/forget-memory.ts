import * as z from 'zod';
import { defineTool } from '../define-tool.js';

export const forgetMemory = defineTool({
  name: 'forget',
  title: 'Forget',
  description: 'Forget a stash, insight or decision that is wrong or outdated (restorable for 30 days).',
  input: z.strictObject({ id: z.string().describe('stash_…, insight_… or dec_…'), reason: z.string().optional() }),
  output: z.object({
    id: z.string(),
    kind: z.string(),
    forgotten: z.string(),
    forgotten_at: z.string(),
    restorable_for: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  examples: [],
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
