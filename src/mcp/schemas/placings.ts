import * as z from 'zod';

/** In `_meta` of a tool call: where its paths lead on the agent's own machine, by their texts. */
export const PLACED_META = 'popstash/placed';

const MAX_PATH = 8_192;
const MAX_ID = 200;
const path = z.string().max(MAX_PATH);

/** PlacedPattern of src/coordination/locks/lock-types.ts. */
export const placedPattern = z.object({
  pattern: path,
  key: path,
  isGlob: z.boolean(),
  literalPrefix: path,
  board: z.string().max(MAX_ID),
  root: path,
  worktree: path,
  shown: path,
  isNew: z.boolean(),
});

export const placings = z.record(
  path,
  z.union([z.object({ placed: z.array(placedPattern) }), z.object({ problem: z.string(), fix: z.string() })]),
);
