/** Whether a client's statements may take long, told from its own words, as a server's statement_timeout is. */
export interface StatementLimit {
  /** @param texts SQL of the request that is about to run */
  isLong(texts: readonly string[]): boolean;
  /** They have run. @param isIdle no transaction is open any more */
  ran(texts: readonly string[], isIdle: boolean): void;
}

/** What takes as long as the tables are large, and what only migrations say. */
const LONG = /^\s*(VACUUM|ANALYZE|CHECKPOINT|REINDEX|CREATE|ALTER|DROP|REFRESH|CLUSTER)\b/i;
const UNLIMITED = /\bSET\s+(LOCAL\s+|SESSION\s+)?statement_timeout\s*(?:=|TO)\s*'?0\b/i;
const LIMITED = /\bRESET\s+(statement_timeout|ALL)\b/i;

/** @param isPatient all statements of the client may take long */
export function createStatementLimit(isPatient: boolean): StatementLimit {
  let scope: 'none' | 'transaction' | 'session' = 'none';
  return {
    isLong: (texts) => isPatient || scope !== 'none' || texts.some((text) => LONG.test(text)),
    ran(texts, isIdle) {
      for (const text of texts) {
        const set = UNLIMITED.exec(text);
        if (set) scope = set[1]?.trim().toUpperCase() === 'LOCAL' ? 'transaction' : 'session';
        else if (LIMITED.test(text)) scope = 'none';
      }
      if (isIdle && scope === 'transaction') scope = 'none';
    },
  };
}
