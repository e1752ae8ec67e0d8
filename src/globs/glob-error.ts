/** Why a text is no pattern, as a value. */
export type GlobFault = Pick<GlobError, 'problem' | 'fix'>;

/** A pattern that cannot be used. It does not name the pattern: the caller knows how the pattern was written. */
export class GlobError extends Error {
  /**
   * @param problem what is wrong, as the end of a sentence about the pattern: `is empty`
   * @param fix what to write instead
   */
  constructor(
    readonly problem: string,
    readonly fix: string,
  ) {
    super(problem);
    this.name = 'GlobError';
  }
}
