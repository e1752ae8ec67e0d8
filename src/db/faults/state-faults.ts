import { type Fault, lasting, passing } from './fault.js';

/** A standby, or a server that was made read-only: another server may take writes by now. */
export const READ_ONLY = passing(
  'This database server takes no writes: it is a standby, or was made read-only',
  'Call again in a few seconds: after a failover each call looks for the primary again. If it goes on, ask the user to point DATABASE_URL to the primary, to name all hosts in it (postgres://USER@HOST1:5432,HOST2:5432/NAME), or to end the read-only state.',
);

/** A pooler that gives each transaction another connection of the server. */
export const TRANSACTION_POOLER: Fault = lasting(
  'DATABASE_URL leads to a pooler in transaction mode (such as PgBouncer with pool_mode = transaction): locks that last for a session, LISTEN and prepared statements do not work through it',
  "Ask the user to point DATABASE_URL to PostgreSQL itself (often port 5432 instead of 6432 or 6543), or to set the pooler's pool_mode = session for this database.",
);

const TIMED_OUT: Fault = {
  code: 'timeout',
  what: 'The database did not finish in its time',
  fix: 'Call again; if it keeps happening, ask the user to look at the load of the database.',
  retryable: true,
};

const OVERTAKEN: Fault = {
  code: 'conflict',
  what: 'Another write came in between',
  fix: 'Call again.',
  retryable: true,
};

const LACKING: Fault = {
  code: 'not_ready',
  what: 'The database lacks something that this PopStash needs',
  fix: 'Ask the user to run popstash migrate (server mode), which makes the tables, and popstash doctor, which says what is missing.',
  retryable: false,
};

const BROKEN: Fault = {
  ...passing(
    'The connection to the database broke during the call',
    'Wait a few seconds and call again; after a write without a name or key, look first whether it is there (recall, get_decisions).',
  ),
  mayBeWritten: true,
};

const POOLER_REFUSED = passing(
  'What stands at DATABASE_URL (a pooler such as PgBouncer, or a proxy) refuses the connection',
  'Call again in a few seconds. If it goes on, ask the user to look at the log and the settings of the pooler, or to point DATABASE_URL to PostgreSQL itself.',
);

const NOT_ACCEPTING = passing(
  'The database is starting, stopping or recovering',
  'Call again in a few seconds; if it stays away, ask the user to look at the log of PostgreSQL.',
);

const LACKS_RESOURCES = passing(
  'The database has run out of something',
  'Call again in a few seconds; if it goes on, ask the user to look at the disk, the memory and the log of PostgreSQL.',
);

/** By SQLSTATE; by its class (the first two characters) where there is no line for the state itself. */
export const STATE_FAULTS: Readonly<Record<string, Fault>> = {
  // Who may come in, and where.
  '28P01': lasting(
    'The database refuses the user or the password of DATABASE_URL',
    'Ask the user to correct them in DATABASE_URL; in a user name or password write @ : / # ? % as %40 %3A %2F %23 %3F %25.',
  ),
  '28000': lasting(
    'The database does not let the user of DATABASE_URL in',
    'Ask the user to look whether that role exists and has LOGIN, and whether pg_hba.conf has a line for it, this database and this address. If the words in brackets name encryption, add sslmode=verify-full to DATABASE_URL (or sslmode=disable, where only unencrypted connections are let in).',
  ),
  '3D000': lasting(
    'There is no database of the name in DATABASE_URL',
    'Ask the user to correct the name, or to create the database (createdb NAME) and run popstash migrate.',
  ),
  '42501': lasting(
    'The role of DATABASE_URL lacks a right',
    'Ask the user to run popstash doctor, which names what is missing, and to have the owner of the tables grant it.',
  ),
  '57P04': lasting('The database was dropped', 'Ask the user to create it again and to run popstash migrate.'),
  // Tables, functions and types of another version, or of none.
  '42P01': LACKING,
  '42703': LACKING,
  '42704': LACKING,
  '42883': LACKING,
  '3F000': LACKING,
  '22P05': lasting(
    'The encoding of the database has no such character',
    'Ask the user to move to a database with ENCODING UTF8 (CREATE DATABASE NAME ENCODING UTF8 TEMPLATE template0).',
  ),
  // Which server this is.
  '25006': READ_ONLY,
  '26000': TRANSACTION_POOLER,
  '42P05': TRANSACTION_POOLER,
  '08P01': POOLER_REFUSED,
  // Other transactions.
  '40001': OVERTAKEN,
  '40P01': OVERTAKEN,
  '40003': BROKEN,
  '55P03': { ...TIMED_OUT, what: 'Another transaction holds for too long what this call needs' },
  '57014': TIMED_OUT,
  '25P03': TIMED_OUT,
  '25P04': TIMED_OUT,
  // What has run out.
  '53100': {
    ...passing('The disk of the database is full', 'Ask the user to free space on it, then call again.'),
    isWhole: true,
  },
  '53200': passing(
    'The database is out of memory',
    'Call again in a few seconds; if it goes on, ask the user to look at the memory of the database server.',
  ),
  '53300': passing(
    'The database has no free connection',
    'Call again in a few seconds. If it goes on, ask the user to raise max_connections of PostgreSQL (or the limit of the role or database), or to lower POPSTASH_POOL_SIZE: docs/scale.md says how many connections each process takes.',
  ),
  // The server itself.
  '57P03': NOT_ACCEPTING,
  '53': LACKS_RESOURCES,
  '08': BROKEN,
  '57': BROKEN,
};
