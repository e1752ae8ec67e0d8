import * as z from 'zod';
import { humanAgo } from '../../text/age.js';
import { presentAgent } from '../../text/present-agent.js';
import { defineTool } from '../define-tool.js';
import { agentFields } from '../schemas/agent-output.js';
import { session_id } from '../schemas/tool-input.js';
import { createPresenter, removed_invisible } from '../schemas/tool-output.js';

/** Tasks that are listed, newest first, and the paths of each. */
const MAX_AGENTS = 30;
const MAX_FILES = 30;
const TASK_CHARS = 200;

export const listAgents = defineTool({
  name: 'who_is_working',
  title: 'Who is working',
  description: 'Active agents with their tasks and locked files, and idle ones.',
  input: z.strictObject({ session_id }),
  output: z.object({
    active_agents: z.array(
      z.object({
        agent_id: z.string(),
        name: z.string(),
        ...agentFields,
        session_id: z.string().optional(),
        task: z.string().nullable(),
        files_locked: z.array(z.string()),
        more_files: z.int().optional(),
        started: z.string(),
        last_active: z.string(),
        you: z.boolean().optional(),
      }),
    ),
    idle_agents: z.array(
      z.object({
        agent_id: z.string(),
        name: z.string(),
        ...agentFields,
        prompt: z.string().optional(),
        last_active: z.string(),
        you: z.boolean().optional(),
      }),
    ),
    left_out: z.int().optional(),
    removed_invisible,
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['sessions'],
  readsNoticesEveryMs: 0,
  examples: [
    {
      title: 'Before you begin',
      before: [
        {
          tool: 'start_task',
          input: { task: 'Add JWT authentication to the API', files: ['lib/auth.ex', 'lib/router.ex'] },
        },
      ],
      input: {},
      output: {
        active_agents: [
          {
            task: 'Add JWT authentication to the API',
            files_locked: ['lib/auth.ex', 'lib/router.ex'],
            started: 'just now',
            you: true,
          },
        ],
        idle_agents: [],
      },
    },
  ],
  async handler(_args, { actor, services }) {
    const { active, idle, now } = await services.sessions.whoIsWorking(actor.projectId);
    const shown = createPresenter();
    const you = (agentId: string) => agentId === actor.agentId || undefined;
    return {
      active_agents: active.slice(0, MAX_AGENTS).map((agent) => ({
        agent_id: agent.agentId,
        ...presentAgent(agent.agent),
        // Only of the caller's own tasks: end_task and acquire take it.
        session_id: you(agent.agentId) && (agent.sessionId ?? undefined),
        task: agent.task === null ? null : shown.clipped(agent.task, TASK_CHARS),
        files_locked: agent.files.slice(0, MAX_FILES).map(shown.text),
        more_files: Math.max(0, agent.files.length - MAX_FILES) || undefined,
        started: humanAgo(agent.startedAt, now),
        last_active: humanAgo(agent.lastActive, now),
        you: you(agent.agentId),
      })),
      idle_agents: idle.map((agent) => ({
        agent_id: agent.agentId,
        ...presentAgent(agent.agent),
        prompt: agent.agent.prompt === null ? undefined : shown.clipped(agent.agent.prompt, TASK_CHARS),
        last_active: humanAgo(agent.lastActive, now),
        you: you(agent.agentId),
      })),
      left_out: Math.max(0, active.length - MAX_AGENTS) || undefined,
      removed_invisible: shown.removed(),
    };
  },
});
