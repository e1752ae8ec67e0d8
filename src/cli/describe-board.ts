import type { AdminAnswer } from '../mcp/admin/admin-protocol.js';
import { humanAge, humanRemaining } from '../text/age.js';
import { stripInvisible } from '../text/present-text.js';
import { shellCommand } from '../text/shell-command.js';

/** Lines for people: what is held by whom, and who waits. */
export function describeLocks({ locks, waits, now }: AdminAnswer<'locks'>): string[] {
  if (locks.length === 0 && waits.length === 0) return ['No file is locked.'];
  const rows = locks.map((lock) => [
    lock.pattern,
    lock.mode === 'shared' ? 'shared' : '',
    `${lock.agentName} (${lock.agentId})`,
    lock.task ? `"${lock.task}"` : '',
    `held ${humanAge(lock.acquiredAt, now)}`,
    `${humanRemaining(lock.expiresAt.getTime() - now.getTime())} left`,
  ]);
  const queue = waits.map(
    (wait) =>
      `waits: ${plain(wait.agentName)} (${wait.agentId})${wait.task ? ` "${plain(wait.task)}"` : ''} for ` +
      `${wait.patterns.map(plain).join(', ')}, since ${humanAge(wait.queuedAt, now)}`,
  );
  return [...alignColumns(rows), ...queue];
}

/** Lines for people: agents with their tasks, then those without. */
export function describeAgents({
  active,
  idle,
  now,
}: Pick<AdminAnswer<'status'>, 'active' | 'idle' | 'now'>): string[] {
  const rows = [
    ...active.map((agent) => ({ ...agent, doing: agent.task ?? 'no task' })),
    ...idle.map((agent) => ({ ...agent, doing: 'idle' })),
  ].map(({ agentId, name, doing, lastActive }) => {
    return [agentId, name, doing, `seen: ${humanAge(lastActive, now)}`];
  });
  return alignColumns(rows);
}

/** Lines for people: what was taken from whom, and what about the paths that nobody holds as such. */
export function describeRelease({ released, notHeld }: AdminAnswer<'releaseLocks'>): string[] {
  return [
    ...released.map(({ pattern, agentId }) => `Released ${plain(pattern)}, held by ${agentId}; it has been told.`),
    ...notHeld.map(({ pattern, overlapping }) => {
      const name = plain(pattern);
      if (overlapping.length === 0) return `Nobody holds ${name} (popstash locks lists what is held).`;
      const holders = overlapping.map((lock) => `${plain(lock.pattern)} (${lock.agentId})`).join(', ');
      const words = shellCommand(overlapping.map((lock) => lock.pattern));
      return `Nobody holds ${name} as such, but this overlaps with it: ${holders}. To release that: popstash locks release ${words} --force`;
    }),
  ];
}

/** Columns of equal width, two spaces apart; an empty column vanishes. */
function alignColumns(rows: readonly string[][]): string[] {
  const clean = rows.map((row) => row.map(plain));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  return clean.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .filter((_, column) => (widths[column] ?? 0) > 0)
      .join('  ')
      .trimEnd(),
  );
}

/** Names and tasks are agents' own words: on one line, without what could move a terminal's cursor. */
function plain(text: string): string {
  return stripInvisible(text).replace(/\s+/g, ' ').slice(0, 120);
}
