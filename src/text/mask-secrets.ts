import type { Redactions } from './clean-input.js';
import { findSecretsNow } from './secrets/find-secrets.js';
import { mergeFindings, replaceFindings } from './secrets/replace-findings.js';

/** Longest text that is searched at once, in characters: what is longer is cut before. */
const MAX_CHARS = 4_096;

/**
 * A short text without its secrets, where nothing can wait: a span's attribute, a client's name. By the product's own
 * rules alone. What is beyond 4,096 characters is left out, since it would not be searched.
 */
export function maskSecrets(text: string): string {
  const short = text.length > MAX_CHARS ? text.slice(0, MAX_CHARS) : text;
  return replaceFindings(short, findSecretsNow(short)).text;
}

/** What maskPattern takes out of the entries of a list, for the answer to say so. */
export function describeMasked(name: string, patterns: readonly string[]): Redactions {
  const places = patterns.flatMap((pattern, index) =>
    mergeFindings(pattern.length > MAX_CHARS ? [] : findSecretsNow(pattern)).map(({ kind }) => ({
      kind,
      place: `${kind} in ${name}[${index}]`,
    })),
  );
  return { kinds: [...new Set(places.map(({ kind }) => kind))].sort(), places: places.map(({ place }) => place) };
}

/** Characters that mean something in a glob: a star beside them could mean something else. */
const SPECIAL = /[*?[\]{}()!+@\\]/;

/**
 * A path or glob whose secrets are stars: it still matches the file, and others of that form beside it, so that a lock
 * protects the file while the secret is stored nowhere. A segment with other signs of a glob becomes a star as a whole.
 */
export function maskPattern(pattern: string): string {
  const findings = mergeFindings(pattern.length > MAX_CHARS ? [] : findSecretsNow(pattern));
  if (findings.length === 0) return pattern;
  let offset = 0;
  return pattern
    .split('/')
    .map((segment) => {
      const [start, end] = [offset, offset + segment.length];
      offset = end + 1;
      const within = findings.filter((finding) => finding.start < end && finding.end > start);
      if (within.length === 0 || segment === '') return segment;
      if (SPECIAL.test(segment)) return '*';
      let from = 0;
      const parts = within.map((finding) => {
        const part = segment.slice(from, Math.max(from, finding.start - start));
        from = Math.min(segment.length, finding.end - start);
        return `${part}*`;
      });
      return `${parts.join('')}${segment.slice(from)}`;
    })
    .join('/');
}
