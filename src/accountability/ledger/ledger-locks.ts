/**
 * Advisory locks of the ledger: arguments of pg_advisory_xact_lock, as SQL. In an embedded database they hold nobody up;
 * there a transaction runs alone.
 */
export const LEDGER_LOCKS = {
  /** One worker moves changes or corrects roll-ups at a time. */
  rollup: `hashtextextended('usage roll-ups', 81)`,
  /** One writer of entries of a client at a time. @param client SQL expression of its name */
  client: (client: string) => `hashtextextended(${client}, 82)`,
} as const;
