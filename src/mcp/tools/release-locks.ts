import * as z from 'zod';
import { defineTool } from '../define-tool.js';
import { actIn, patterns, readPatterns, session_id } from '../schemas/tool-input.js';

export const releaseLocks = defineTool({
  name: 'release',
  title: 'Release locks',
  description: 'Release your locks within these patterns; end_task releases all.',
  input: z.strictObject({ patterns: patterns.min(1), session_id }),
  output: z.object({ released: z.array(z.string()), not_held: z.array(z.string()) }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  examples: [
    {
      title: 'A folder is done',
      before: [{ tool: 'acquire', input: { patterns: ['lib/auth.ex', 'lib/router.ex', 'mix.exs'] } }],
      input: { patterns: ['lib/**', 'README.md'] },
      output: { released: ['lib/auth.ex', 'lib/router.ex'], not_held: ['README.md'] },
    },
  ],
  async handler(args, call) {
    const actor = await actIn(call, args.session_id);
    const { released, notHeld } = await call.services.locks.release(
      actor,
      await readPatterns('patterns', args.patterns, call),
    );
    return { released: released.map(({ pattern }) => pattern).sort(), not_held: notHeld };
  },
});
