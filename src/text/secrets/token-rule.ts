import { isFiller } from './classify-value.js';
import type { SecretRule } from './secret-types.js';

/**
 * The form of a maker's token: its kind, the prefix, what follows it, both as sources of regular expressions.
 * Every repetition is of one character class with nothing after it that could fail late, or is bounded, so the time is
 * linear in the text. Lengths are the shortest in use, as makers lengthen their tokens: nothing else has such prefixes.
 */
export type TokenForm = readonly [kind: string, prefix: string, body: string];

/** Rules for tokens that say what they are. Fillers such as `ghp_xxxxxxxx` stay. */
export function tokenRules(forms: readonly TokenForm[]): SecretRule[] {
  return forms.map(([kind, prefix, body]) => ({
    kind,
    anchor: `${prefix}(?=${body})`,
    rest: body,
    accept: ({ secret }) => !isFiller(secret),
  }));
}

/**
 * The quick scan of tokens with a prefix: at the beginning of a word, by the first character, so that nearly every
 * position of a text is ruled out by one comparison. Two hundred alternatives in a row would each be tried.
 */
export function uniteTokens(rules: readonly SecretRule[]): RegExp {
  const byFirst = new Map<string, string[]>();
  for (const source of rules.flatMap(({ anchor }) => expandStart(anchor))) {
    const first = /^(?:[A-Za-z0-9](?![*+?{])|\[[^\]]+\])/.exec(source)?.[0] ?? '';
    byFirst.set(first, [...(byFirst.get(first) ?? []), source.slice(first.length)]);
  }
  const parts = [...byFirst].map(([first, rest]) => `${first}(?:${rest.join('|')})`);
  return new RegExp(`(?<![A-Za-z])(?:${parts.join('|')})`);
}

/** `(?:ab|cd)_x` as `ab_x` and `cd_x`. */
function expandStart(source: string): string[] {
  const [, choices, rest = ''] = /^\(\?:([^()[\]]*)\)(?![?*+{])(.*)$/s.exec(source) ?? [];
  return choices === undefined ? [source] : choices.split('|').map((choice) => choice + rest);
}
