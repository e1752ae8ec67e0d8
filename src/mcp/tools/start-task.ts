import * as z from 'zod';
import { listNew, parsePatterns } from '../../coordination/locks/parse-patterns.js';
import type { ResumedTask } from '../../coordination/sessions/resume-task.js';
import { knownWorktree } from '../../project/resolve-project.js';
import { humanRemaining } from '../../text/age.js';
import { joinRedactions } from '../../text/clean-input.js';
import { describeMasked } from '../../text/mask-secrets.js';
import { presentName } from '../../text/present-agent.js';
import { defineTool } from '../define-tool.js';
import { agentFields } from '../schemas/agent-output.js';
import {
  conflict,
  countUnlisted,
  MAX_LISTED,
  more,
  presentConflicts,
  presentWarnings,
  refuseCycle,
  reportWait,
  suggestWay,
  warning,
} from '../schemas/conflicts.js';
import { presentContext, taskContext } from '../schemas/task-context.js';
import { patterns as patternList, session_id, ttl_minutes, wait_seconds } from '../schemas/tool-input.js';
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
/** Characters of an earlier task, and of another agent's name. */
const MAX_TASK_CHARS = 200;

/** What a resumed task held, and another agent holds meanwhile. */
const heldByOther = z.object({ file: z.string(), held_by: z.string(), name: z.string(), ...agentFields });

export const startTask = defineTool({
  name: 'start_task',
  title: 'Start a task',
  description:
    'Call at the start of every task: locks the files you will edit, all or none, and returns what is known of the task and who else works. Again, it renames the open task and adds files. On conflicts STOP and tell the user.',
  input: z.strictObject({
    task: z.string().describe('What you are about to do'),
    files: patternList.optional().describe('Paths or globs to edit'),
    ttl_minutes,
    wait_seconds,
    session_id: session_id.describe('Of your earlier task, if any'),
  }),
  output: z.object({
    agent_id: z.string(),
    name: z.string().optional(),
    session_id: z.string().optional(),
    continued_task: z.string().optional(),
    resumed: z
      .object({ task: z.string(), locks: z.array(z.string()), held_by_others: z.array(heldByOther) })
      .optional(),
    locks: z.object({
      acquired: z.array(z.string()),
      tokens: z.array(z.int()).optional(),
      expires_in: z.string().optional(),
      conflicts: z.array(conflict),
      more_conflicts: more,
      warnings: z.array(warning).optional(),
      more_warnings: more,
      new: z.array(z.string()).optional(),
    }),
    context: taskContext.optional(),
    suggestion: z.string().optional(),
    unguarded: z.boolean().optional(),
    ...redactions,
    removed_invisible,
    degraded,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  uses: ['sessions', 'locks', 'context', 'feedback'],
  takesLocks: true,
  handle: 'mints',
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
          input: { key: 'api-patterns', content: 'Every API endpoint reads its JWT from the Authorization header.' },
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
        waitEnds: call.inputEnded,
        onQueued: call.onQueued,
        onWait: reportWait(call, args.wait_seconds),
      },
      { resent: call.resent, clientCall: call.clientCall },
    );
    call.onCancelled(async () => {
      const gone = await services.sessions.undoStart(actor, started, call.cancelledSinceMs);
      if (gone !== null) call.sessionEnded(gone);
    });
    const shown = createPresenter();
    const taken = joinRedactions(started.redacted, describeMasked('files', args.files ?? []));
    if (started.resumed) call.sessionStarted(started.resumed.sessionId);
    const resumed = presentResumed(started.resumed, shown);
    if (started.sessionId === null) {
      const conflicts = presentConflicts(started.conflicts, { ...call, now: started.now, shown });
      if (started.cycle) throw refuseCycle(started.conflicts);
      return {
        agent_id: actor.agentId,
        name: call.agentName(),
        resumed,
        locks: { acquired: [], conflicts, more_conflicts: countUnlisted(started.conflictCount) },
        suggestion: suggestWay(conflicts, started, { waited: args.wait_seconds > 0, agentId: actor.agentId }),
        ...presentRedactions(taken),
        removed_invisible: shown.removed(),
      };
    }
    call.sessionStarted(started.sessionId);
    // After the locks, which must not wait for a search.
    const own = { ...actor, sessionId: started.sessionId };
    const known = await services.context.gather(own, knownWorktree(workplace), args.task, CONTEXT_BUDGET);
    call.given(known.decisions.map(({ id }) => id));
    const entries = [...known.stashes, ...known.insights, ...known.decisions];
    services.feedback.shown(
      actor,
      args.task,
      entries.map(({ id }) => id),
    );
    const [first] = started.granted;
    return {
      agent_id: actor.agentId,
      name: call.agentName(),
      session_id: started.sessionId,
      continued_task: started.continued === null ? undefined : shown.clipped(started.continued, MAX_TASK_CHARS),
      resumed,
      locks: {
        acquired: started.granted.map(({ pattern }) => pattern),
        tokens: unlessEmpty(started.granted.map(({ token }) => token)),
        expires_in: first && humanRemaining(first.expiresAt.getTime() - started.now.getTime()),
        conflicts: [],
        warnings: presentWarnings(started.warnings, shown),
        more_warnings: countUnlisted(started.warnings.length),
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

function presentResumed(resumed: ResumedTask | null, shown: Presenter) {
  if (!resumed) return undefined;
  return {
    task: shown.clipped(resumed.task, MAX_TASK_CHARS),
    locks: resumed.taken.map(({ pattern }) => pattern),
    held_by_others: resumed.lost.slice(0, MAX_LISTED).map(({ requested, agentId, holder }) => ({
      file: shown.text(requested),
      held_by: agentId,
      ...presentName(holder),
    })),
  };
}
