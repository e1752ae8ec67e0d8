import * as z from 'zod';
import { humanAgo } from '../../text/age.js';
import { defineTool } from '../define-tool.js';
import { createPresenter, removed_invisible } from '../schemas/tool-output.js';

export const showTimeline = defineTool({
  name: 'timeline',
  title: 'Timeline',
  description: 'What all agents did lately, newest first.',
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(20).describe('Entries'),
    agent_id: z.string().optional().describe('Id or name'),
    type: z.string().optional().describe('Such as decision'),
    since: z.string().optional().describe('ISO 8601, or 7d'),
    cursor: z.string().optional().describe('next_cursor of the last answer'),
  }),
  output: z.object({
    activities: z.array(
      z.object({
        time: z.string(),
        agent: z.string().nullable(),
        type: z.string(),
        description: z.string(),
        name: z.string().optional(),
        client: z.string().optional(),
      }),
    ),
    next_cursor: z.string().optional(),
    removed_invisible,
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['timeline'],
  examples: [
    {
      title: 'What happened last',
      before: [
        { tool: 'start_task', input: { task: 'Add JWT authentication', files: ['lib/auth.ex'] } },
        { tool: 'decide', input: { topic: 'auth', decision: 'Use Guardian for JWT' } },
        { tool: 'end_task', input: { summary: 'Added JWT auth with Guardian.' } },
      ],
      input: { limit: 4 },
      output: {
        activities: [
          { type: 'task_ended', description: 'Completed: Add JWT authentication' },
          { type: 'lock_released', description: 'Released: lib/auth.ex' },
          { type: 'decision', description: 'Decided: Use Guardian for JWT' },
          { type: 'lock_acquired', description: 'Locked: lib/auth.ex' },
        ],
      },
    },
  ],
  async handler(args, { actor, services }) {
    const { activities, nextCursor, now } = await services.timeline.list({
      projectId: actor.projectId,
      agentId: args.agent_id,
      type: args.type,
      since: args.since,
      cursor: args.cursor,
      limit: args.limit,
    });
    const shown = createPresenter();
    return {
      activities: activities.map(({ at, agentId, agentName, agentClient, type, description }) => ({
        time: humanAgo(at, now),
        agent: agentId,
        type,
        description: shown.text(description),
        name: agentName === null ? undefined : shown.clipped(agentName, 60),
        client: agentClient === null ? undefined : shown.clipped(agentClient, 60),
      })),
      next_cursor: nextCursor ?? undefined,
      removed_invisible: shown.removed(),
    };
  },
});
