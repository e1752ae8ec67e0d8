import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import type { Painter } from '../terminal/paint.js';
import { describeAgents, describeLocks } from './describe-board.js';
import { chooseDecimals, countOf, showDollars } from './format-figures.js';
import { isLowerBound } from './show-costs.js';
import { oneLine } from './show-text.js';

export interface StatusScreen {
  /** Of the terminal, in columns. */
  width: number;
  painter: Painter;
}

/** What this project's requests have cost since midnight; null where that is not known. */
export type CostToday = LedgerAnswer<'costs'>['report']['total'] | null;

/** Lists are indented. */
const INDENT = '  ';
const LABEL_WIDTH = 10;

/** What `popstash status` shows to people. */
export function describeStatus(
  answer: AdminAnswer<'status'>,
  cost: CostToday,
  { width, painter }: StatusScreen,
): string[] {
  const { status, mode, version, degraded, active, idle, locks, waits } = answer;
  const field = (name: string, value: string) => `${painter.faint(name.padEnd(LABEL_WIDTH))}${value}`.trimEnd();
  const below = (lines: readonly string[]) => lines.map((line) => INDENT + line);
  return [
    `${painter.strong(`popstash ${version}`)}, ${mode} mode`,
    ...(degraded.length === 0 ? [] : [painter.warning(`degraded: ${degraded.join(', ')}`)]),
    field('project', oneLine(status.project.replace(/[\\/]\.git$/, ''))),
    field('memories', describeMemories(status)),
    field('queue', describeVectors(status)),
    ...(cost === null ? [] : [field('cost', describeCost(cost))]),
    field(
      'agents',
      active.length + idle.length === 0 ? 'none connected' : `${active.length} at work, ${idle.length} idle`,
    ),
    ...below(describeAgents(answer, width - INDENT.length)),
    field(
      'locks',
      locks.length === 0 ? '' : `${locks.length} held${waits.length === 0 ? '' : `, ${waits.length} waiting`}`,
    ),
    ...below(describeLocks(answer, width - INDENT.length)),
  ];
}

/** What waits for a vector, and how far the vectors of older memories are. */
export function describeVectors({ pending, outdated }: AdminAnswer<'status'>['status']): string {
  const passages = pending === 1 ? '1 passage waits' : `${pending} passages wait`;
  const waiting = pending === 0 ? 'nothing waits for a vector' : `${passages} for a vector`;
  if (!outdated) return waiting;
  const done = Math.floor((100 * (outdated.all - outdated.left)) / outdated.all);
  return `${waiting}; ${countOf(outdated.left, 'older vector')} to be made again (${done} % done)`;
}

function describeMemories({ stashes, insights, decisions }: AdminAnswer<'status'>['status']): string {
  const counts = [countOf(stashes, 'stash', 'stashes'), countOf(insights, 'insight'), countOf(decisions, 'decision')];
  return counts.join(', ');
}

function describeCost(cost: NonNullable<CostToday>): string {
  if (cost.requests === 0) return 'no request today';
  const requests = countOf(cost.requests, 'request');
  if (cost.cost_usd === null) return `not known today, ${requests}`;
  const dollars = showDollars(cost.cost_usd, chooseDecimals([cost.cost_usd]));
  return `${isLowerBound(cost) ? 'at least ' : ''}$${dollars} today, ${requests}`;
}
