import * as z from 'zod';
import { knownWorktree } from '../../project/resolve-project.js';
import { quoteText } from '../../text/quote-text.js';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';
import { createPresenter, presentRedactions, presentReplaced, redactions, replaced } from '../schemas/tool-output.js';

/** Of a stash's name: all of it. */
const MAX_NAME_CHARS = 200;

export const saveStash = defineTool({
  name: 'stash',
  title: 'Stash context',
  description:
    'Save your working context under a name: done, to do, blockers. Use when context grows long or before switching tasks. Same name again = new version.',
  input: z.strictObject({
    name: z.string().describe('Short and memorable'),
    summary: z.string().describe('What you were doing and the current state'),
    files: z.array(z.string()).max(500).optional().describe('Involved'),
    ttl_days: z.number().positive().max(36_500).optional().describe('Default: for ever'),
    metadata: z.record(z.string(), z.unknown()).optional().describe('Anything else'),
    session_id,
  }),
  output: z.object({
    stash_id: z.string(),
    name: z.string(),
    version: z.int(),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    embedding: z.string(),
    replaced,
    tip: z.string(),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['stashes'],
  examples: [
    {
      title: 'Before the context window fills up',
      input: {
        name: 'auth-jwt-wip',
        summary:
          'Implementing JWT auth. DONE: Auth.Token module, generate/verify functions. TODO: Add to router, write tests. BLOCKER: Need to decide on token expiry time.',
        files: ['lib/auth/token.ex', 'lib/router.ex'],
      },
      output: { name: 'auth-jwt-wip', embedding: 'pending', expires_at: null },
    },
  ],
  async handler(args, { actor, services, workplace, resent }) {
    const saved = await services.stashes.save(
      actor,
      { name: args.name, summary: args.summary, files: args.files, ttlDays: args.ttl_days, metadata: args.metadata },
      { resent, worktree: knownWorktree(workplace) },
    );
    const shown = createPresenter();
    return {
      stash_id: saved.id,
      name: saved.name,
      version: saved.version,
      created_at: saved.createdAt.toISOString(),
      expires_at: saved.expiresAt?.toISOString() ?? null,
      embedding: 'pending',
      replaced: presentReplaced(saved.replaced, shown),
      tip: saved.replaced
        ? `It replaced the stash of ${shown.author(saved.replaced.author) ?? 'another agent'}, kept as version ${saved.replaced.version}: pop ${quoteText(saved.name, MAX_NAME_CHARS)} with that version. Two works need two names.`
        : `Restore it with pop, query ${quoteText(saved.name, MAX_NAME_CHARS)} or a description of it.`,
      ...presentRedactions(saved.redacted),
    };
  },
});
