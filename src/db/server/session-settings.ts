/** Settings of a connection, by their names in PostgreSQL. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What results, literals and transactions of this code take for granted, whatever a role or a database is set to. Sent as a
 * statement after connecting, since poolers refuse most settings in the message that opens a connection.
 */
const TAKEN_FOR_GRANTED: SessionSettings = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
};

/** One statement that makes these settings for the rest of the session. */
export function writeSettings(settings: SessionSettings): string {
  const calls = Object.entries({ ...TAKEN_FOR_GRANTED, ...settings }).map(
    ([name, value]) => `set_config('${name}', '${value.replaceAll("'", "''")}', false)`,
  );
  return `SELECT ${calls.join(', ')}`;
}
