/**
 * What the timeline knows, as activities.type says it. The rows are written by the SQL of the event that they record; the
 * subject is plain data (a name, a task, patterns, the beginning of a text), the metadata holds the other facts. Open: each
 * feature adds its own, and history keeps types that no code writes any more.
 */
export const ACTIVITY_TYPES = [
  'agent_connected',
  'agent_disconnected',
  'task_started',
  'task_renamed',
  'task_resumed',
  'task_ended',
  'task_abandoned',
  'lock_acquired',
  'lock_released',
  'lock_expired',
  'lock_forced',
  'announcement',
  'stash',
  'insight',
  'decision',
  'forget',
  'restore',
  'expire',
  'import',
  'import_undone',
  'shell_write',
  'guard_override',
] as const;
export type ActivityType = (typeof ACTIVITY_TYPES)[number];
