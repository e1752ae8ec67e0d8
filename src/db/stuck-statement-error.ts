/** A statement ran for so long that the database is beyond hope: no other means stops one. */
export class StuckStatementError extends Error {
  constructor(text: string, ms: number) {
    super(
      `a statement has run for ${Math.round(ms / 1_000)} s: ${text.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN)}`,
    );
    this.name = 'StuckStatementError';
  }
}

/** Characters of a statement that an error shows. */
const MAX_SHOWN = 120;
