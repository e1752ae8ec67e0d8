import type { PlacedWorkplace } from '../../coordination/locks/parse-patterns.js';
import type { Workplace } from '../../project/resolve-project.js';
import { PLACED_META, placings } from '../schemas/placings.js';

/**
 * The workplace of one call. An agent on another machine tells where the paths in its arguments lead: the bridge there has found
 * it out. Of any other agent, whose files are here, nothing is taken.
 */
export function readPlacings(workplace: Workplace, meta: Record<string, unknown> | undefined): PlacedWorkplace {
  if (!workplace.member || meta?.[PLACED_META] === undefined) return workplace;
  const read = placings.safeParse(meta[PLACED_META]);
  return read.success ? { ...workplace, placings: read.data } : workplace;
}
