/** True under `npm run trials`: the trials of docs/trials-and-figures.md in their full form. */
export const isFullTrial = process.env.POPSTASH_TRIAL === 'full';

/** Rounds of a trial: few in the test suite, all of them under `npm run trials`. */
export function trialCount(short: number, full: number): number {
  return isFullTrial ? full : short;
}

/**
 * Cases of a table: all of them under `npm run trials`; in the test suite the first of each kind and every nth.
 * @param kindOf what a case is about
 */
export function trialCases<Case>(cases: readonly Case[], step: number, kindOf: (each: Case) => unknown): Case[] {
  const kinds = new Set<unknown>();
  return cases.filter((each, index) => {
    const isFirst = !kinds.has(kindOf(each));
    kinds.add(kindOf(each));
    return isFullTrial || isFirst || index % step === 0;
  });
}
