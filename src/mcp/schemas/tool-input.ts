import * as z from 'zod';
import type { Actor } from '../../actor/actor.js';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { AppError } from '../../errors.js';
import { compileGlob } from '../../globs/compile-pattern.js';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { ToolContext } from '../define-tool.js';
import { readPattern } from './read-pattern.js';

/** Longest wait of one call, in seconds: clients give up on a call after a minute. */
const MAX_WAIT_SECONDS = 50;
const MAX_PATTERNS = 100;
/** Of all patterns of a call: a hundred ordinary ones need a third. Comparing takes time for each with each other's. */
const MAX_STATES = 5_000;

export const patterns = z.array(z.string()).max(MAX_PATTERNS);
export const ttl_minutes = z.int().min(1).max(1_440).optional();
export const wait_seconds = z.int().min(0).max(MAX_WAIT_SECONDS).default(0);
export const session_id = z.string().optional();

/**
 * Paths and globs in the one form that is stored and compared, each once.
 * @param name The argument, for errors.
 * @throws AppError `invalid_argument` naming the entry
 */
export async function readPatterns(
  name: string,
  written: readonly string[],
  { worktree }: ToolContext,
): Promise<Pattern[]> {
  const foldsCase = detectCaseFolding(worktree);
  const byKey = new Map<string, Pattern>();
  let states = 0;
  for (const [index, text] of written.entries()) {
    await yieldToEventLoop();
    try {
      const pattern = readPattern(text, { worktree, foldsCase });
      if (pattern.isGlob) states += compileGlob(pattern.key).rest.set.length;
      const key = `${pattern.isGlob} ${pattern.key}`;
      if (!byKey.has(key)) byKey.set(key, pattern);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, fix } = error;
      throw new AppError({ code, message: `${name}[${index}]: ${message}`, fix, cause: error });
    }
  }
  if (states > MAX_STATES) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${name}: together these patterns are too complex: they need ${states} states, and at most ${MAX_STATES} are allowed.`,
      fix: 'Give them in several calls, or wider ones such as whole folders.',
    });
  }
  return [...byKey.values()];
}

/**
 * Who acts: within the named task of this connection, else within its current one.
 * @throws AppError `not_found` naming the tasks there are
 */
export async function actIn({ actor, services }: ToolContext, sessionId: string | undefined): Promise<Actor> {
  if (sessionId === undefined || sessionId === actor.sessionId) return actor;
  const active = await services.sessions.listActive(actor.agentId);
  if (active.some(({ id }) => id === sessionId)) return { ...actor, sessionId };
  throw new AppError({
    code: 'not_found',
    message: `session_id: ${JSON.stringify(sessionId.slice(0, 60))} is no active task of this connection.`,
    fix:
      active.length > 0
        ? `Active: ${active.map(({ id }) => id).join(', ')}; without session_id the current one is meant.`
        : 'Leave session_id out, or call start_task first.',
  });
}
