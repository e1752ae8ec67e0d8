import * as z from 'zod';
import { humanDuration } from '../../text/age.js';
import { defineTool } from '../define-tool.js';
import { session_id } from '../schemas/tool-input.js';
import { presentRedactions, redactions } from '../schemas/tool-output.js';

export const endTask = defineTool({
  name: 'end_task',
  title: 'End a task',
  description: 'Call at the end of every task: releases its locks and logs what was done.',
  input: z.strictObject({
    summary: z.string().describe('What you accomplished'),
    tokens_in: z.int().min(0).optional().describe('Used'),
    tokens_out: z.int().min(0).optional().describe('Used'),
    model: z.string().optional().describe('Your model'),
    session_id,
  }),
  output: z.object({
    status: z.literal('completed'),
    session_id: z.string(),
    duration: z.string(),
    locks_released: z.array(z.string()),
    cost_usd: z.number().nullable(),
    ...redactions,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['sessions'],
  handle: 'needed',
  readsNoticesEveryMs: 0,
  examples: [
    {
      title: 'Done',
      before: [
        {
          tool: 'start_task',
          input: { task: 'Add JWT authentication to the API', files: ['lib/auth.ex', 'lib/router.ex'] },
        },
      ],
      input: {
        summary: 'Added JWT auth with Guardian. Created Auth.Token module, updated router with :api pipeline.',
        tokens_in: 15_000,
        tokens_out: 8_000,
      },
      output: { status: 'completed', locks_released: ['lib/auth.ex', 'lib/router.ex'] },
    },
  ],
  async handler(args, { actor, services, resent, clientCall, subagentSession, sessionEnded }) {
    const ended = await services.sessions.end(
      actor,
      {
        summary: args.summary,
        tokensIn: args.tokens_in,
        tokensOut: args.tokens_out,
        model: args.model,
        // A subagent that names none means its own task.
        sessionId: args.session_id ?? subagentSession ?? undefined,
      },
      { resent, clientCall },
    );
    sessionEnded(ended.sessionId);
    return {
      status: 'completed' as const,
      session_id: ended.sessionId,
      duration: humanDuration(ended.endedAt.getTime() - ended.startedAt.getTime()),
      locks_released: ended.locks.map(({ pattern }) => pattern),
      cost_usd: ended.costUsd,
      ...presentRedactions(ended.redacted),
    };
  },
});
