// Certificates of a database server, made by openssl: one that is right, and each that is wrong in one way.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder } from '../setup/folders.js';

export interface ServerCertificate {
  /** For server.crt and server.key. */
  certificate: string;
  key: string;
}

export interface Certificates {
  /** Path of the authority's own certificate: sslrootcert. */
  authority: string;
  good: ServerCertificate;
  expired: ServerCertificate;
  otherHost: ServerCertificate;
  selfSigned: ServerCertificate;
}

export function makeCertificates(): Certificates {
  const folder = createFolder('ps-tls-');
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const makeKey = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(...makeKey, '-x509', '-days', '30', '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.crt');

  const issue = (name: string, host: string, ...when: string[]): ServerCertificate => {
    openssl(
      ...makeKey,
      '-subj',
      `/CN=${host}`,
      '-addext',
      `subjectAltName=DNS:${host}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...when, '-out', `${name}.crt`);
    return read(name);
  };
  const read = (name: string): ServerCertificate => ({
    certificate: readFileSync(join(folder, `${name}.crt`), 'utf8'),
    key: readFileSync(join(folder, `${name}.key`), 'utf8'),
  });
  openssl(
    ...makeKey,
    '-x509',
    '-days',
    '30',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    'self.key',
    '-out',
    'self.crt',
  );
  return {
    authority: join(folder, 'ca.crt'),
    good: issue('good', 'localhost', '-days', '30'),
    expired: issue('expired', 'localhost', '-days', '-1'),
    otherHost: issue('other', 'db.example.org', '-days', '30'),
    selfSigned: read('self'),
  };
}
