import type { RandomText } from './random-text.js';

/**
 * A secret made up on the spot. Nothing in these files is a secret or looks like one: each is composed of a prefix, cut
 * into pieces, and random characters at run time.
 */
export interface Canary {
  kind: string;
  /** The characters that must not survive. */
  secret: string;
  /** A text that holds the secret as it appears in the wild. */
  text: string;
  /** The family of forms that it belongs to. */
  family: string;
}

export type MadeCanary = Omit<Canary, 'family'>;
export type CanaryMaker = (random: RandomText) => MadeCanary;

/** Forms of one origin. A family that is held out was written down without a look at the rules, and they at it. */
export interface CanaryFamily {
  name: string;
  holdOut?: true;
  makers: readonly CanaryMaker[];
}

/** A secret in a text, where `%s` stands for it. */
export function inText(kind: string, text: string, make: (random: RandomText) => string): CanaryMaker {
  return (random) => {
    const secret = make(random);
    return { kind, secret, text: text.replace('%s', () => secret) };
  };
}

const SENTENCES = [
  '%s',
  'The value is %s, keep it.',
  '```\nKEY=%s\n```',
  '{"value":"%s"}',
  '日本語：%s。',
  '- %s\n- next',
  'run it with `%s` and see',
];

/** A secret that says what it is, in any sentence. */
export function bare(kind: string, make: (random: RandomText) => string): CanaryMaker {
  return (random) => inText(kind, random.pick(SENTENCES), make)(random);
}
