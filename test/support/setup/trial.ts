/** True under `npm run trials`: the trials of docs/trials-and-figures.md in their full form. */
export const isFullTrial = process.env.POPSTASH_TRIAL === 'full';

/** Rounds of a trial: few in the test suite, all of them under `npm run trials`. */
export function trialCount(short: number, full: number): number {
  return isFullTrial ? full : short;
}
