import type { PlacedWorkplace } from '../../coordination/locks/parse-patterns.js';
import type { Workplace } from '../../project/resolve-project.js';
import { PLACED_META, placings } from './placings.js';

/**
 * The workplace of one call. An agent on another machine tells where the paths in its arguments lead: the bridge there has found
 * it out. Of any other agent, whose files are here, nothing is taken.
 */
export function readPlacings(workplace: Workplace, meta: Record<string, unknown> | undefined): PlacedWorkplace {
  if (!workplace.member || meta?.[PLACED_META] === undefined) return workplace;
  const read = placings.safeParse(meta[PLACED_META]);
  if (!read.success) return workplace;
  const known = Object.entries(read.data).map(([text, placing]) => {
    if (!('placed' in placing)) return [text, placing] as const;
    return [text, { placed: placing.placed.map((each) => knowBoard(each, workplace)) }] as const;
  });
  return { ...workplace, placings: Object.fromEntries(known) };
}

/** The agent's own project may have been joined to another one since its bridge began. */
function knowBoard<P extends { root: string; board: string }>(pattern: P, { root, id }: Workplace): P {
  return pattern.root === root ? { ...pattern, board: id } : pattern;
}
