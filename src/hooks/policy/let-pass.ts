import { chooseGuard } from '../../config.js';
import { MAX_NAMED_FILES } from '../../coordination/notices/notice-types.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { maskPattern } from '../../text/mask-secrets.js';
import { oneLine, quoteText } from '../../text/quote-text.js';
import { findStartEnvironment } from '../identify/process-tree.js';
import { deny, type GuardDeps, type HookContext, PASS, tell } from './guard-types.js';

/** Characters of a person's reason. */
const MAX_REASON = 120;
/** The variable by which a person lets a commit or push pass. */
export const OVERRIDE = 'POPSTASH_OVERRIDE';

/**
 * Whether the guard is off (POPSTASH_GUARD) by a person: in its own terminal, or in the environment that it started the client
 * in. An agent's own shell can't turn it off. Where the guard is off for a client, none of its hooks is heard.
 */
export async function isSwitchedOff(deps: GuardDeps, { request, agent, worktree }: HookContext): Promise<boolean> {
  if (request.guard !== 'off') return false;
  if (!(await deps.callers.isAgents(request.pid, agent, worktree))) return true;
  if (!agent || agent.isHooked) return false;
  const started = agent.isLocal && agent.pid !== null ? await findStartEnvironment(agent.pid) : null;
  return started === null || chooseGuard(started) === 'off';
}

/** What a person commits or pushes though agents hold it. */
export interface HeldFiles {
  what: 'commit' | 'push';
  held: readonly { path: string; agentId: string }[];
  /** Who holds what, for the person to read. */
  lines: string;
  /** The command that frees it; missing where that would not help. */
  free?: string;
  /** It was let pass already, and the holders were told. */
  isLogged?: boolean;
}

/**
 * A person's commit or push passes with a warning; in guarded mode only with a reason. The holders are told, and it is on
 * the timeline.
 */
export async function letPersonPass(
  deps: GuardDeps,
  context: HookContext,
  { what, held, lines, free, isLogged = false }: HeldFiles,
): Promise<HookVerdict> {
  const { request } = context;
  if (held.length === 0) return PASS;
  if (request.override === undefined && request.guard === 'guarded') {
    const fixes = [
      'wait until it is free',
      ...(free === undefined ? [] : [`or free it: ${free}`]),
      `or ${what} all the same and say why: ${OVERRIDE}="reason" git ${what} …`,
    ];
    return deny(
      `PopStash refuses this ${what} (POPSTASH_GUARD is "guarded").\n${lines}\nWhat to do:\n` +
        fixes.map((fix) => `- ${fix}`).join('\n'),
    );
  }
  const reason = request.override === undefined ? undefined : await redact(deps, request.override);
  if (!isLogged) await logPassed(deps, context, held, reason);
  if (reason === undefined)
    return tell(`PopStash: this ${what} passes, but agents are at work on it; they are told.\n${lines}`);
  return tell(
    `PopStash: this ${what} passes by your override (${quoteText(reason, MAX_REASON)}); that is on the timeline, and the holders are told.`,
  );
}

async function redact({ redactor }: GuardDeps, text: string): Promise<string> {
  return oneLine((await redactor.redact(text)).text, MAX_REASON);
}

async function logPassed(
  { commits }: GuardDeps,
  { request, projectId, agent }: HookContext,
  held: HeldFiles['held'],
  reason: string | undefined,
): Promise<void> {
  const files = [...new Set(held.map(({ path }) => path))];
  const holders = [...new Set(held.map(({ agentId }) => agentId))].map((agentId) => ({
    agentId,
    files: [...new Set(held.filter((each) => each.agentId === agentId).map(({ path }) => maskPattern(path)))],
  }));
  const event = request.event === 'pre-push' ? 'pre-push' : 'pre-commit';
  await commits.logOverride(
    { projectId, agentId: agent?.id ?? null },
    {
      event,
      files: files.slice(0, MAX_NAMED_FILES).map(maskPattern),
      count: files.length,
      ...(reason !== undefined && { reason }),
    },
    holders,
  );
}
