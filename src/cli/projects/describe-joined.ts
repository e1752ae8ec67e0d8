import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { oneLine } from '../output/show-text.js';

/** What happened when two projects became one. */
export function describeJoined({ from, into, memories }: AdminAnswer<'mergeProjects'>): string {
  const moved = memories === 1 ? '1 memory was' : `${memories} memories were`;
  return `${from} is ${into.id} (${oneLine(into.name ?? into.root)}) from now on: ${moved} moved, with agents, tasks, locks and costs.`;
}
