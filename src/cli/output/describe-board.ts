import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { humanAge, humanRemaining } from '../../text/age.js';
import { shellCommand } from '../../text/shell-command.js';
import { createAgentWords } from '../../text/word-agent.js';
import { oneLine } from './show-text.js';
import { alignColumns, clipToWidth } from './write-columns.js';

/** Of a name, a path or a task, in terminal columns. */
const MAX_CELL_WIDTH = 120;

/** Lines for people: what is held by whom, and who waits. @param width of the terminal, in columns */
export function describeLocks({ locks, waits, now }: AdminAnswer<'locks'>, width?: number): string[] {
  if (locks.length === 0 && waits.length === 0) return ['No file is locked.'];
  const word = createAgentWords();
  const isOne = locks.every(({ worktree }) => worktree === locks[0]?.worktree);
  const rows = locks
    .map((lock) => [
      lock.pattern,
      isOne ? '' : describePlace(lock),
      lock.mode === 'shared' ? 'shared' : '',
      word(lock.holder, { inWorktree: lock.worktree, withoutTask: true }),
      lock.task ? `"${lock.task}"` : '',
      `held ${humanAge(lock.acquiredAt, now)}`,
      `${humanRemaining(lock.expiresAt.getTime() - now.getTime())} left`,
    ])
    .map((row) => row.map(plain));
  const queue = waits.map(
    (wait) =>
      `waits: ${word(wait.holder)} for ${wait.patterns.map(plain).join(', ')}, since ${humanAge(wait.queuedAt, now)}`,
  );
  return [...alignColumns(rows, width, { path: 0 }), ...queue];
}

function describePlace({ worktree, branch }: AdminAnswer<'locks'>['locks'][number]): string {
  return branch === null ? worktree : `${branch} in ${worktree}`;
}

/** Lines for people: agents with their tasks, then those without. @param width of the terminal, in columns */
export function describeAgents(
  { active, idle, now, status }: Pick<AdminAnswer<'status'>, 'active' | 'idle' | 'now' | 'status'>,
  width?: number,
): string[] {
  const guarded = new Set(status.agents.filter(({ isGuarded }) => isGuarded).map(({ id }) => id));
  const word = createAgentWords();
  const rows = [
    ...active.map((each) => ({ ...each, doing: each.task ?? 'no task' })),
    ...idle.map((each) => ({ ...each, doing: each.agent.prompt === null ? 'idle' : `asked: ${each.agent.prompt}` })),
  ].map(({ agentId, agent, doing, lastActive }) => {
    const guard = guarded.has(agentId) ? '' : 'unguarded';
    return [word(agent, { withoutTask: true }), doing, `seen: ${humanAge(lastActive, now)}`, guard].map(plain);
  });
  return alignColumns(rows, width);
}

/** Lines for people: what was taken from whom, and what about the paths that nobody holds as such. */
export function describeRelease({ released, notHeld }: AdminAnswer<'releaseLocks'>): string[] {
  const word = createAgentWords();
  return [
    ...released.map(({ pattern, holder }) => `Released ${plain(pattern)}, held by ${word(holder)}; it has been told.`),
    ...notHeld.map(({ pattern, overlapping }) => {
      const name = plain(pattern);
      if (overlapping.length === 0) return `Nobody holds ${name} (popstash locks lists what is held).`;
      const holders = overlapping.map((lock) => `${plain(lock.pattern)}, held by ${word(lock.holder)}`).join(', ');
      const words = shellCommand(overlapping.map((lock) => lock.pattern));
      return `Nobody holds ${name} as such, but this overlaps with it: ${holders}. To release that: popstash locks release ${words} --force`;
    }),
  ];
}

/** Names and tasks are agents' own words: on one line, without what could move a terminal's cursor. */
function plain(text: string): string {
  return clipToWidth(oneLine(text), MAX_CELL_WIDTH);
}
