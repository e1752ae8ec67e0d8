import * as z from 'zod';
import { parsePatterns } from '../../coordination/locks/parse-patterns.js';
import { actInSession } from '../../coordination/sessions/act-in-session.js';
import { defineTool } from '../define-tool.js';
import { patterns, session_id } from '../schemas/tool-input.js';

export const releaseLocks = defineTool({
  name: 'release',
  title: 'Release locks',
  description: 'Release your locks within these patterns; end_task releases all.',
  input: z.strictObject({ patterns: patterns.min(1), session_id }),
  output: z.object({ released: z.array(z.string()), not_held: z.array(z.string()) }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['locks', 'sessions'],
  examples: [
    {
      title: 'A folder is done',
      before: [{ tool: 'acquire', input: { patterns: ['lib/auth.ex', 'lib/router.ex', 'mix.exs'] } }],
      input: { patterns: ['lib/**', 'README.md'] },
      output: { released: ['lib/auth.ex', 'lib/router.ex'], not_held: ['README.md'] },
    },
  ],
  async handler(args, call) {
    const actor = await actInSession(call.services.sessions, call.actor, args.session_id);
    const patterns = await parsePatterns('patterns', args.patterns, call.worktree);
    const { released, notHeld } = await call.services.locks.release(actor, patterns);
    return { released: released.map(({ pattern }) => pattern).sort(), not_held: notHeld };
  },
});
