import { clipText } from '../../text/clip-text.js';
import type { ActivityType } from '../activity/activity-types.js';
import type { TimelineEntry } from './timeline-types.js';

/** The words before an activity's subject. */
const WORDS: Record<ActivityType, string | ((facts: TimelineEntry['facts']) => string)> = {
  agent_connected: 'Connected',
  agent_disconnected: 'Disconnected',
  task_started: 'Started',
  task_ended: 'Completed',
  task_abandoned: 'Abandoned',
  lock_acquired: 'Locked',
  lock_released: 'Released',
  lock_expired: 'Expired lock',
  lock_forced: 'Released by force',
  announcement: 'Announced',
  stash: 'Stashed',
  insight: ({ version }) => (typeof version === 'number' && version > 1 ? 'Updated insight' : 'Added insight'),
  decision: 'Decided',
  forget: ({ kind }) => `Forgot ${kindOf(kind)}`,
  restore: ({ kind }) => `Restored ${kindOf(kind)}`,
  expire: 'Expired stash',
  shell_write: 'Changed by a command',
  guard_override: 'Committed against the guard',
};

/** Characters of a description: the timeline is a list. */
const MAX_CHARS = 300;

/**
 * An activity in a few words, such as `Locked: src/auth.ts`. The subject was written by agents: whoever shows the
 * description treats it like any stored text.
 */
export function describeActivity({ type, subject, facts }: Pick<TimelineEntry, 'type' | 'subject' | 'facts'>): string {
  const known = isKnown(type) ? WORDS[type] : undefined;
  const words = typeof known === 'function' ? known(facts) : (known ?? wordsOf(type));
  return clipText(subject === '' ? words : `${words}: ${subject}`, MAX_CHARS);
}

function isKnown(type: string): type is ActivityType {
  return Object.hasOwn(WORDS, type);
}

/** A type that this version does not know, such as `budget_exceeded`. */
function wordsOf(type: string): string {
  const text = type.replaceAll('_', ' ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function kindOf(kind: unknown): string {
  return kind === 'stash' || kind === 'insight' || kind === 'decision' ? kind : 'memory';
}
