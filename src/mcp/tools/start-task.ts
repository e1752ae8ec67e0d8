import * as z from 'zod';
import { listNew, parsePatterns } from '../../coordination/locks/parse-patterns.js';
import type { ContextEntry, TaskContext } from '../../memory/context/context-types.js';
import { humanAge, humanRemaining } from '../../text/age.js';
import { joinRedactions } from '../../text/clean-input.js';
import { describeMasked } from '../../text/mask-secrets.js';
import { defineTool } from '../define-tool.js';
import {
  conflict,
  presentConflicts,
  presentWarnings,
  refuseCycle,
  reportWait,
  suggestWay,
  warning,
} from '../schemas/conflicts.js';
import { patterns as patternList, ttl_minutes, wait_seconds } from '../schemas/tool-input.js';
import {
  createPresenter,
  degraded,
  type Presenter,
  presentRedactions,
  redactions,
  removed_invisible,
  unlessEmpty,
} from '../schemas/tool-output.js';

/** Tokens (o200k) of the context. The whole answer stays under 1,000, which figure P14 measures (bench/p14-tokens.mjs). */
const CONTEXT_BUDGET = 850;

const context = z.object({
  relevant_stashes: z.array(
    z.object({ name: z.string(), summary: z.string(), age: z.string(), author: z.string().nullable() }),
  ),
  relevant_insights: z.array(
    z.object({
      key: z.string().optional(),
      insight_id: z.string().optional(),
      content: z.string(),
      age: z.string(),
      author: z.string().nullable(),
    }),
  ),
  recent_decisions: z.array(
    z.object({
      topic: z.string(),
      decision: z.string(),
      reasoning: z.string().optional(),
      age: z.string(),
      author: z.string().nullable(),
    }),
  ),
  other_agents: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      task: z.string(),
      files: z.array(z.string()),
      more_files: z.int().optional(),
    }),
  ),
  left_out: z
    .object({
      stashes: z.int().optional(),
      insights: z.int().optional(),
      decisions: z.int().optional(),
      agents: z.int().optional(),
    })
    .optional(),
});

export const startTask = defineTool({
  name: 'start_task',
  title: 'Start a task',
  description:
    'Call at the start of every task: locks the files you will edit, all or none, and returns what is known of the task and who else works. On conflicts STOP and tell the user.',
  input: z.strictObject({
    task: z.string().describe('What you are about to do'),
    files: patternList.optional().describe('Paths or globs to edit'),
    ttl_minutes,
    wait_seconds: wait_seconds.describe('Queue for held files'),
  }),
  output: z.object({
    agent_id: z.string(),
    session_id: z.string().optional(),
    locks: z.object({
      acquired: z.array(z.string()),
      tokens: z.array(z.int()).optional(),
      expires_in: z.string().optional(),
      conflicts: z.array(conflict),
      warnings: z.array(warning).optional(),
      new: z.array(z.string()).optional(),
    }),
    context: context.optional(),
    suggestion: z.string().optional(),
    unguarded: z.boolean().optional(),
    ...redactions,
    removed_invisible,
    degraded,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['sessions', 'locks', 'context'],
  takesLocks: true,
  readsNoticesEveryMs: 0,
  examples: [
    {
      title: 'Success',
      before: [
        {
          tool: 'decide',
          input: { topic: 'auth', decision: 'Use Guardian for JWT tokens', reasoning: 'Better Plug integration' },
        },
        {
          tool: 'insight',
          input: { key: 'api-patterns', content: 'The API answers {:ok, data} or {:error, reason}, nothing else.' },
        },
        {
          tool: 'stash',
          input: { name: 'auth-research', summary: 'Evaluated Guardian vs Pow for JWT authentication of the API.' },
        },
      ],
      input: { task: 'Add JWT authentication to the API', files: ['lib/auth.ex', 'lib/router.ex'] },
      output: {
        locks: { acquired: ['lib/auth.ex', 'lib/router.ex'], conflicts: [] },
        context: {
          relevant_stashes: [{ name: 'auth-research' }],
          relevant_insights: [{ key: 'api-patterns' }],
          recent_decisions: [{ topic: 'auth', decision: 'Use Guardian for JWT tokens' }],
          other_agents: [],
        },
      },
    },
    {
      title: 'Conflict: stop and tell the user',
      before: [
        {
          tool: 'start_task',
          input: { task: 'Add JWT authentication to the API', files: ['lib/auth.ex'] },
          byAnother: true,
        },
      ],
      input: { task: 'Refactor auth module', files: ['lib/auth.ex'] },
      output: {
        locks: {
          acquired: [],
          conflicts: [{ file: 'lib/auth.ex', task: 'Add JWT authentication to the API', expires_in: '15 minutes' }],
        },
      },
    },
  ],
  async handler(args, call) {
    const { actor, services, workplace } = call;
    const listHeld = () => services.locks.listOwn({ ...actor, sessionId: null });
    const patterns = await parsePatterns('files', args.files ?? [], workplace, listHeld);
    const started = await services.sessions.start(
      actor,
      {
        task: args.task,
        patterns,
        mode: 'exclusive',
        lifeSeconds: args.ttl_minutes === undefined ? undefined : args.ttl_minutes * 60,
        waitSeconds: args.wait_seconds,
        signal: call.signal,
        onWait: reportWait(call, args.wait_seconds),
      },
      { resent: call.resent, clientCall: call.clientCall },
    );
    const shown = createPresenter();
    const taken = joinRedactions(started.redacted, describeMasked('files', args.files ?? []));
    if (started.sessionId === null) {
      const conflicts = presentConflicts(started.conflicts, { actor, workplace, now: started.now, shown });
      if (started.cycle) throw refuseCycle(conflicts);
      return {
        agent_id: actor.agentId,
        locks: { acquired: [], conflicts },
        suggestion: suggestWay(conflicts, args.wait_seconds > 0),
        ...presentRedactions(taken),
        removed_invisible: shown.removed(),
      };
    }
    call.sessionStarted(started.sessionId);
    // After the locks, which must not wait for a search.
    const own = { ...actor, sessionId: started.sessionId };
    const known = await services.context.gather(own, args.task, CONTEXT_BUDGET);
    call.given(known.decisions.map(({ id }) => id));
    const [first] = started.granted;
    return {
      agent_id: actor.agentId,
      session_id: started.sessionId,
      locks: {
        acquired: started.granted.map(({ pattern }) => pattern),
        tokens: unlessEmpty(started.granted.map(({ token }) => token)),
        expires_in: first && humanRemaining(first.expiresAt.getTime() - started.now.getTime()),
        conflicts: [],
        warnings: presentWarnings(started.warnings, shown),
        new: unlessEmpty(listNew(patterns)),
      },
      context: presentContext(known, started.now, shown),
      unguarded: (await call.isUnguarded()) || undefined,
      ...presentRedactions(taken),
      removed_invisible: shown.removed(),
      degraded: unlessEmpty(known.degraded),
    };
  },
});

function presentContext(known: TaskContext, now: Date, shown: Presenter): z.input<typeof context> {
  const text = (entry: ContextEntry, part: string) => shown.text(part) + (entry.cut ? ' …' : '');
  const origin = ({ createdAt, author }: ContextEntry) => ({ age: humanAge(createdAt, now), author });
  const { stash, insight, decision, agent } = known.leftOut;
  return {
    relevant_stashes: known.stashes.map((entry) => ({
      name: shown.text(entry.label ?? ''),
      summary: text(entry, entry.text),
      ...origin(entry),
    })),
    relevant_insights: known.insights.map((entry) => ({
      ...(entry.label === null ? { insight_id: entry.id } : { key: shown.text(entry.label) }),
      content: text(entry, entry.text),
      ...origin(entry),
    })),
    recent_decisions: known.decisions.map((entry) => ({
      topic: shown.text(entry.label ?? ''),
      decision: entry.reasoning === null ? text(entry, entry.text) : shown.text(entry.text),
      reasoning: entry.reasoning === null ? undefined : text(entry, entry.reasoning),
      ...origin(entry),
    })),
    other_agents: known.otherAgents.map((other) => ({
      id: other.agentId,
      name: shown.text(other.name),
      task: shown.text(other.task),
      files: other.files.map(shown.text),
      more_files: other.moreFiles || undefined,
    })),
    left_out:
      Object.keys(known.leftOut).length > 0
        ? { stashes: stash, insights: insight, decisions: decision, agents: agent }
        : undefined,
  };
}
