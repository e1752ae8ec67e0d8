import * as z from 'zod';
import { defineTool } from '../define-tool.js';

export const ping = defineTool({
  name: 'ping',
  title: 'Ping',
  description: 'Check that PopStash answers.',
  input: z.strictObject({}),
  output: z.object({
    status: z.literal('pong'),
    version: z.string(),
    mode: z.string(),
    agent_id: z.string(),
    name: z.string().optional(),
    degraded: z.array(z.string()),
    unguarded: z.boolean().optional(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['degraded'],
  // Some clients ping in a loop.
  readsNoticesEveryMs: 1_000,
  examples: [{ title: 'Is it there?', input: {}, output: { status: 'pong', degraded: [] } }],
  async handler(_args, { actor, agentName, services, mode, version, isUnguarded }) {
    return {
      status: 'pong' as const,
      version,
      mode,
      agent_id: actor.agentId,
      name: agentName(),
      degraded: services.degraded(),
      unguarded: (await isUnguarded()) || undefined,
    };
  },
});
