const SUBJECTS = [
  'the login page',
  'the job queue',
  'the payment webhook',
  'the search index',
  'the cache',
  'the release script',
  'the user table',
  'the mail sender',
  'the rate limiter',
  'the upload handler',
  'the session store',
  'the image resizer',
  'the audit log',
  'the feature flags',
  'the billing report',
  'the retry policy',
  'the event stream',
  'the schema migration',
  'the test fixture',
  'the config loader',
];
const VERBS = [
  'times out',
  'leaks memory',
  'drops messages',
  'returns stale data',
  'fails on empty input',
  'locks a row too long',
  'is slow at night',
  'needs a restart',
  'ignores the locale',
  'writes twice',
  'loses precision',
  'rejects unicode',
  'panics on shutdown',
  'skips the last page',
  'blocks the main thread',
];
const CAUSES = [
  'when two workers race',
  'behind the proxy',
  'after a deploy',
  'with a cold start',
  'under heavy load',
  'on the first of the month',
  'without a network',
  'if the token has expired',
  'for admins only',
  'in the staging cluster',
  'since the upgrade',
  'with daylight saving time',
];
const FIXES = [
  'so pin the version',
  'so raise the limit',
  'so check the order',
  'so add an index',
  'so retry with jitter',
  'so flush before closing',
  'so use a transaction',
  'so clear it by hand',
  'so ask the platform team',
  'so read the runbook',
];

/** Different short notes of a project, in a fixed shuffled order. @param count at most 36,000 */
export function shortNotes(count: number): string[] {
  const all = SUBJECTS.length * VERBS.length * CAUSES.length * FIXES.length;
  // A step that shares no factor with their number visits every combination once.
  return Array.from({ length: count }, (_, i) => {
    let n = (i * 7_919) % all;
    const pick = (list: readonly string[]): string => {
      const word = list[n % list.length] ?? '';
      n = Math.floor(n / list.length);
      return word;
    };
    return `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(CAUSES)}, ${pick(FIXES)}`;
  });
}
