import * as z from 'zod';
import { parsePatterns } from '../../coordination/locks/parse-patterns.js';
import { showPath } from '../../coordination/locks/show-path.js';
import { actInSession } from '../../coordination/sessions/act-in-session.js';
import { defineTool } from '../define-tool.js';
import { patterns as patternList, session_id } from '../schemas/tool-input.js';

export const releaseLocks = defineTool({
  name: 'release',
  title: 'Release locks',
  description: 'Release your locks within these patterns; end_task releases all.',
  input: z.strictObject({ patterns: patternList.min(1), session_id }),
  output: z.object({ released: z.array(z.string()), not_held: z.array(z.string()) }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['locks', 'sessions'],
  handle: 'needed',
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
    const { locks } = call.services;
    const patterns = await parsePatterns('patterns', args.patterns, call.workplace, () => locks.listOwn(actor));
    const { released, notHeld } = await locks.release(actor, patterns);
    const shown = released.map(({ worktree, pattern }) => showPath(worktree, pattern, call.workplace));
    return { released: shown.sort(), not_held: notHeld };
  },
});
