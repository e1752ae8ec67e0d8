import type { ActivityRow } from './list-activities.js';

type Words = (subject: string, metadata: Record<string, unknown>) => string;

/** How each type is worded: `Started: Add JWT authentication`. */
const WORDS: Readonly<Record<string, Words>> = {
  agent_connected: (subject) => `Connected: ${subject}`,
  agent_disconnected: (subject, { reason }) => withReason(`Disconnected: ${subject}`, reason),
  task_started: (subject) => `Started: ${subject}`,
  task_renamed: (subject) => `Went on with: ${subject}`,
  task_resumed: (subject) => `Resumed: ${subject}`,
  // The subject is the summary.
  task_ended: (subject, { task }) => `Completed: ${typeof task === 'string' ? task : subject}`,
  task_abandoned: (subject, { reason }) => withReason(`Abandoned: ${subject}`, reason),
  lock_acquired: (subject) => `Locked: ${subject}`,
  lock_released: (subject) => `Released: ${subject}`,
  lock_expired: (subject) => `Lock expired: ${subject}`,
  lock_forced: (subject, { note }) => withReason(`Lock taken away: ${subject}`, note),
  // Of a long one the subject is the beginning: a notice may have been cut as well.
  announcement: (subject, { message }) => `Announced: ${typeof message === 'string' ? message : subject}`,
  stash: (subject) => `Stashed: ${subject}`,
  insight: (subject, { version }) => `${isUpdate(version) ? 'Updated' : 'Added'} insight: ${subject}`,
  decision: (subject) => `Decided: ${subject}`,
  forget: (subject, { kind, reason }) => withReason(`Forgot ${kindOf(kind)}: ${subject}`, reason),
  restore: (subject, { kind }) => `Restored ${kindOf(kind)}: ${subject}`,
  expire: (subject) => `Stash expired: ${subject}`,
  import: (subject, { count }) => `Imported ${count} memories: ${subject}`,
  import_undone: (subject) => `Took an import back: ${subject}`,
  shell_write: (subject) => `Changed by a command while another agent held it: ${subject}`,
  // The subject is the reason, or, where none was asked, the files.
  guard_override: (subject, { event, reason }) =>
    `${event === 'pre-push' ? 'Push' : 'Commit'} ${typeof reason === 'string' ? 'passed by an override' : 'of a person passed with a warning'}: ${subject}`,
};

/** An activity as people and agents read it: one line. A type that no code writes any more is named as it is stored. */
export function describeActivity({
  type,
  subject,
  metadata,
}: Pick<ActivityRow, 'type' | 'subject' | 'metadata'>): string {
  const words = Object.hasOwn(WORDS, type) ? WORDS[type] : undefined;
  const text = words ? words(subject, metadata) : `${type.replaceAll('_', ' ')}: ${subject}`;
  return text.replace(/\s+/g, ' ').trim();
}

function withReason(text: string, reason: unknown): string {
  return typeof reason === 'string' && reason !== '' ? `${text} (${reason})` : text;
}

function kindOf(kind: unknown): string {
  return typeof kind === 'string' ? kind : 'memory';
}

function isUpdate(version: unknown): boolean {
  return typeof version === 'number' && version > 1;
}
