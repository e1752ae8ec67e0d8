const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units from large to small, with their lengths. Months and years are averages. */
const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['year', 365.2425 * DAY],
  ['month', 30.436875 * DAY],
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
];

/** Weeks are used from two on: "9 days" says more than "1 week". */
const MIN_COUNTS: Readonly<Record<string, number>> = { week: 2 };

/**
 * How long something took or still takes, in its largest whole unit: "2 days", "1 minute", "45 seconds".
 * Rounded down, so that nothing is said to be older than it is. Negative durations count as none.
 */
export function humanDuration(ms: number): string {
  for (const [name, length] of UNITS) {
    const count = Math.floor(ms / length);
    if (count >= (MIN_COUNTS[name] ?? 1)) return `${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return 'less than a second';
}

/**
 * How long ago `from` was, as seen at `now`: "just now" under five seconds, else "5 minutes", "2 days", "3 months".
 * Both times should come from one clock, the database's; a `from` in the future is "just now".
 */
export function humanAge(from: Date, now: Date): string {
  const ms = now.getTime() - from.getTime();
  return ms < 5 * SECOND ? 'just now' : humanDuration(ms);
}

/** How long until something ends, rounded up, so that it has ended by then: "15 minutes" also for some ms less. */
export function humanRemaining(ms: number): string {
  const step = ms > MINUTE ? MINUTE : SECOND;
  return humanDuration(Math.ceil(ms / step) * step);
}

/** `humanAge` as part of a sentence: "just now", "5 minutes ago". */
export function humanAgo(from: Date, now: Date): string {
  const age = humanAge(from, now);
  return age === 'just now' ? age : `${age} ago`;
}
