import { type Fault, lasting, passing } from './fault.js';
import { STATE_FAULTS } from './state-faults.js';

const UNREACHABLE = passing(
  "The database can't be reached",
  'Call again in a few seconds; if it stays away, ask the user to start PostgreSQL, or to correct the host and port in DATABASE_URL.',
);

const UNKNOWN_HOST = passing(
  'The host in DATABASE_URL has no address',
  'Call again in a few seconds; if it goes on, ask the user to correct the host in DATABASE_URL, or to look at the DNS.',
);

const UNTRUSTED = lasting(
  'The certificate of the database server is not trusted',
  'Ask the user to give the certificate of the authority that issued it: add sslrootcert=/PATH/ca.pem to DATABASE_URL. sslmode=no-verify encrypts without knowing the server.',
);

const NO_TLS = lasting(
  'The encrypted connection to the database failed',
  'Ask the user to look at sslmode, sslrootcert, sslcert and sslkey in DATABASE_URL, and at ssl in the configuration of PostgreSQL.',
);

const UNREADABLE = lasting(
  "A file that DATABASE_URL names can't be read",
  'Ask the user to correct sslrootcert, sslcert or sslkey in DATABASE_URL, or the rights of that file.',
);

/** Codes of Node and OpenSSL. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CODE_FAULTS: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  EHOSTDOWN: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ENETDOWN: UNREACHABLE,
  ENOENT: UNREACHABLE,
  EACCES: UNREACHABLE,
  EPERM: UNREACHABLE,
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  EAI_FAIL: UNKNOWN_HOST,
  ERR_TLS_CERT_ALTNAME_INVALID: lasting(
    'The certificate of the database server is for another host name',
    'Ask the user to write the host in DATABASE_URL as the certificate names it, or to have one issued for this name.',
  ),
  CERT_HAS_EXPIRED: lasting(
    'The certificate of the database server, or of its authority, has expired',
    'Ask the user to renew it on the server, and to look at the clock of this machine.',
  ),
  CERT_NOT_YET_VALID: lasting(
    'The certificate of the database server is not valid yet',
    'Ask the user to look at the clocks of this machine and of the database server.',
  ),
};
const UNTRUSTED_CODES = /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|CERT_|INVALID_CA|INVALID_PURPOSE|CRL_)/;
const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|ERR_CRYPTO_|EPROTO$)/;
const BROKEN_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']);

/** What `pg` says without a code, in its own words. */
const MESSAGE_FAULTS: readonly (readonly [RegExp, Fault | undefined])[] = [
  [/^(timeout expired|Connection terminated due to connection timeout)/, UNREACHABLE],
  [
    /^timeout exceeded when trying to connect/,
    {
      code: 'timeout',
      what: 'All connections of this process to the database are in use',
      fix: 'Call again in a few seconds; if it keeps happening, ask the user to look at the load of the database, or to raise POPSTASH_POOL_SIZE.',
      retryable: true,
    },
  ],
  [
    /^The server does not support SSL connections/,
    lasting(
      'The database server does not encrypt connections, and DATABASE_URL demands it',
      'Ask the user to set ssl = on and a certificate in the configuration of PostgreSQL, or to write sslmode=disable in DATABASE_URL.',
    ),
  ],
  [/^There was an error establishing an SSL connection/, NO_TLS],
  [/sslmode=verify-ca requires specifying a CA/, UNTRUSTED],
  [/client password must be a string|SASL/, STATE_FAULTS['28P01']],
  [
    /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout)/,
    STATE_FAULTS['08'],
  ],
];

export interface ConnectionFailure {
  code: string;
  message: string;
  /** Of Node: what the system was asked for. */
  syscall?: string | undefined;
}

/** What is told of a failure that is not the database's own word: of the network, of TLS, of `pg`. */
export function findConnectionFault({ code, message, syscall }: ConnectionFailure): Fault | undefined {
  if (syscall === 'open' || code === 'EISDIR') return UNREADABLE;
  if (code === 'ETIMEDOUT' && syscall === 'connect') return UNREACHABLE;
  if (BROKEN_CODES.has(code)) return STATE_FAULTS['08'];
  const known = CODE_FAULTS[code];
  if (known) return known;
  if (UNTRUSTED_CODES.test(code)) return UNTRUSTED;
  if (TLS_CODES.test(code)) return NO_TLS;
  return MESSAGE_FAULTS.find(([words]) => words.test(message))?.[1];
}
