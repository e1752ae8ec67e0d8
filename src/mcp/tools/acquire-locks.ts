import * as z from 'zod';
import { listNew, parsePatterns } from '../../coordination/locks/parse-patterns.js';
import { actInSession } from '../../coordination/sessions/act-in-session.js';
import { humanRemaining } from '../../text/age.js';
import { describeMasked } from '../../text/mask-secrets.js';
import { defineTool } from '../define-tool.js';
import {
  conflict,
  countUnlisted,
  more,
  presentConflicts,
  presentWarnings,
  refuseCycle,
  reportWait,
  suggestWay,
  warning,
} from '../schemas/conflicts.js';
import { patterns as patternList, session_id, ttl_minutes, wait_seconds } from '../schemas/tool-input.js';
import {
  createPresenter,
  presentRedactions,
  redactions,
  removed_invisible,
  unlessEmpty,
} from '../schemas/tool-output.js';

export const acquireLocks = defineTool({
  name: 'acquire',
  title: 'Acquire locks',
  description: 'Lock more paths or globs, all or none. On conflicts STOP and tell the user.',
  input: z.strictObject({
    patterns: patternList.min(1),
    ttl_minutes,
    mode: z.enum(['exclusive', 'shared']).default('exclusive').describe('shared: only to read'),
    wait_seconds,
    session_id,
  }),
  output: z.object({
    acquired: z.array(
      z.object({ pattern: z.string(), token: z.int(), expires_at: z.string(), expires_in: z.string() }),
    ),
    conflicts: z.array(conflict),
    more_conflicts: more,
    warnings: z.array(warning).optional(),
    more_warnings: more,
    new: z.array(z.string()).optional(),
    suggestion: z.string().optional(),
    ...redactions,
    removed_invisible,
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  uses: ['locks', 'sessions'],
  takesLocks: true,
  handle: 'needed',
  examples: [
    {
      title: 'A folder and a file, outside the usual flow',
      input: { patterns: ['migrations/**', 'schema.sql'], ttl_minutes: 30 },
      output: {
        acquired: [{ pattern: 'migrations/**', expires_in: '30 minutes' }, { pattern: 'schema.sql' }],
        conflicts: [],
      },
    },
  ],
  async handler(args, call) {
    const actor = await actInSession(call.services.sessions, call.actor, args.session_id);
    const { locks } = call.services;
    const patterns = await parsePatterns('patterns', args.patterns, call.workplace, () => locks.listOwn(actor));
    const outcome = await locks.acquire(actor, {
      patterns,
      mode: args.mode,
      lifeSeconds: args.ttl_minutes === undefined ? undefined : args.ttl_minutes * 60,
      waitSeconds: args.wait_seconds,
      origin: 'tool',
      signal: call.signal,
      waitEnds: call.inputEnded,
      onQueued: call.onQueued,
      onWait: reportWait(call, args.wait_seconds),
    });
    call.onCancelled(() => locks.giveBack(actor, outcome, call.cancelledSinceMs));
    const shown = createPresenter();
    const conflicts = presentConflicts(outcome.conflicts, { ...call, now: outcome.now, shown });
    if (outcome.cycle) throw refuseCycle(outcome.conflicts);
    return {
      acquired: outcome.granted.map(({ pattern, token, expiresAt }) => ({
        pattern,
        token,
        expires_at: expiresAt.toISOString(),
        expires_in: humanRemaining(expiresAt.getTime() - outcome.now.getTime()),
      })),
      conflicts,
      more_conflicts: countUnlisted(outcome.conflictCount),
      warnings: presentWarnings(outcome.warnings, shown),
      more_warnings: countUnlisted(outcome.warnings.length),
      new: outcome.granted.length > 0 ? unlessEmpty(listNew(patterns)) : undefined,
      suggestion:
        conflicts.length > 0
          ? suggestWay(conflicts, outcome, { waited: args.wait_seconds > 0, agentId: actor.agentId })
          : undefined,
      ...presentRedactions(describeMasked('patterns', args.patterns)),
      removed_invisible: shown.removed(),
    };
  },
});
