import * as z from 'zod';
import { actInSession } from '../../coordination/sessions/act-in-session.js';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';
import { createPresenter, presentRedactions, redactions } from '../schemas/tool-output.js';

export const announceMessage = defineTool({
  name: 'announce',
  title: 'Announce',
  description: 'Tell all other active agents, each with its next answer.',
  input: z.strictObject({
    message: z.string().describe('What others should know'),
    files: z.array(z.string()).max(100).optional().describe('It concerns'),
    session_id,
  }),
  output: z.object({
    announcement_id: z.string(),
    delivered_to: z.array(z.object({ agent_id: z.string(), name: z.string(), client: z.string().optional() })),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['announcements', 'sessions'],
  readsNoticesEveryMs: 0,
  examples: [
    {
      title: 'What others should know now',
      input: {
        message: 'Refactoring the auth module: imports of lib/auth move to lib/auth/token.',
        files: ['lib/auth.ex'],
      },
      output: { delivered_to: [] },
    },
  ],
  async handler(args, call) {
    const actor = await actInSession(call.services.sessions, call.actor, args.session_id);
    const {
      id,
      deliveredTo,
      redacted: found,
    } = await call.services.announcements.announce(
      actor,
      { message: args.message, files: args.files },
      { resent: call.resent },
    );
    const shown = createPresenter();
    return {
      announcement_id: id,
      delivered_to: deliveredTo.map(({ agentId, name, client }) => ({
        agent_id: agentId,
        name: shown.clipped(name, 60),
        client: client === null ? undefined : shown.clipped(client, 60),
      })),
      ...presentRedactions(found),
    };
  },
});
