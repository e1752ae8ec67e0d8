/**
 * The advisory locks of the database, by the numbers that keep them apart: the only place in TypeScript that knows them.
 * Migrations take theirs by the number itself. The others are hashes of an id with the number as seed
 * (`hashtextextended`) and are taken by SQL functions, each named here.
 */
export const ADVISORY_LOCKS = {
  /** Prisma Migrate's own, so that its command and our runner never migrate at once. */
  migration: 72_707_369,
  /** Seed of `lock_project`: one transaction at a time grants or ends locks in a project. */
  project: 77,
  /** Seed of `hold_liveness_lock` and `is_liveness_lock_free`: an agent's process holds it for as long as it lives. */
  liveness: 78,
  /** Seed of `try_lock_liveness_check`: one process at a time looks for dead agents. */
  livenessCheck: 79,
  /** Seed of `share_usage_lock` and `lock_usage`: who changes all entries of the ledger waits for those who write some. */
  usage: 80,
  /** Seed of `lock_usage_client`: one transaction at a time writes entries of a client. */
  usageClient: 81,
  /** Seed of `lock_usage_rollups` and `try_lock_usage_rollups`: one worker at a time writes roll-ups. */
  usageRollups: 82,
  /** Seed of `lock_projects`: one transaction at a time decides which project a place belongs to, or joins two. */
  projects: 83,
} as const;
