import * as z from 'zod';

/** What tells an agent from others, beside its name and its id. Absent where nothing is known of it. */
export const agentFields = {
  client: z.string().optional(),
  /** Where it works, unless that is the main checkout. */
  branch: z.string().optional(),
  worktree: z.string().optional(),
  /** Where its user sees it; without that its process. */
  terminal: z.string().optional(),
  pid: z.int().optional(),
};
