// A PostgreSQL that lets nobody in, or whose certificate is wrong: caused on a real one, and told in our words.
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, type ServerCertificate } from '../support/postgres/certificates.js';
import { type Cluster, startCluster } from '../support/postgres/cluster.js';
import { type Expected, expectTold, lasting, openPool, passing, told } from '../support/postgres/told.js';
import { createTestDatabase } from '../support/setup/database.js';
import { createFolder } from '../support/setup/folders.js';

describe('who may come in, and where', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    const { good } = makeCertificates();
    cluster = await startCluster({
      settings: { ssl: 'on', max_connections: '8', superuser_reserved_connections: '1' },
      files: { 'server.crt': good.certificate, 'server.key': good.key },
      hba: [
        'hostssl all encrypted 127.0.0.1/32 trust',
        'hostnossl all encrypted 127.0.0.1/32 reject',
        'host all stranger 127.0.0.1/32 reject',
        'host all known 127.0.0.1/32 scram-sha-256',
        'host all all 127.0.0.1/32 trust',
      ],
    });
    await cluster.run(`CREATE ROLE known LOGIN PASSWORD 'right'; CREATE ROLE encrypted LOGIN; CREATE ROLE stranger LOGIN;
      CREATE ROLE locked NOLOGIN`);
  });

  test.each<[what: string, url: () => string, expected: Expected]>([
    [
      'a wrong password',
      () => cluster.url({ user: 'known', password: 'wrong' }),
      { ...lasting, message: /password/, fix: /DATABASE_URL/ },
    ],
    ['no password', () => cluster.url({ user: 'known' }), { ...lasting, message: /password/, fix: /DATABASE_URL/ }],
    [
      'a role that is not there',
      () => cluster.url({ user: 'nobody' }),
      { ...lasting, message: /let the user .*nobody/, fix: /role/ },
    ],
    [
      'a role without LOGIN',
      () => cluster.url({ user: 'locked' }),
      { ...lasting, message: /let the user/, fix: /LOGIN/ },
    ],
    [
      'a role that pg_hba.conf refuses',
      () => cluster.url({ user: 'stranger' }),
      { ...lasting, message: /let the user/, fix: /pg_hba/ },
    ],
    [
      'an unencrypted connection',
      () => cluster.url({ user: 'encrypted' }),
      { ...lasting, message: /let the user/, fix: /sslmode/ },
    ],
    [
      'no database of that name',
      () => cluster.url({ database: 'none' }),
      { ...lasting, message: /no database .*none/, fix: /createdb/ },
    ],
    [
      'nobody at that port',
      () => 'postgres://postgres@127.0.0.1:1/x',
      { ...passing, message: /can't be reached .*ECONNREFUSED/, fix: /start PostgreSQL/ },
    ],
    [
      'nobody at either address of a host',
      () => 'postgres://postgres@localhost:1/x',
      { ...passing, message: /can't be reached .*ECONNREFUSED/, fix: /start PostgreSQL/ },
    ],
    [
      'a host without an address',
      () => 'postgres://postgres@no.such.host.invalid/x',
      { ...passing, message: /no address/, fix: /host/ },
    ],
    [
      'no socket',
      () => `postgres://postgres@/x?host=${createFolder()}`,
      { ...passing, message: /can't be reached/, fix: /start PostgreSQL/ },
    ],
    [
      'a file that is not there',
      () => cluster.url({ query: '?sslrootcert=/none/ca.pem' }),
      { ...lasting, message: /file .*\/none\/ca.pem/, fix: /sslrootcert/ },
    ],
  ])('%s', async (_what, url, expected) => {
    expectTold(await told(openPool(url()).query('SELECT 1')), expected);
  });

  test('all connections are taken: passes by itself', async () => {
    const holders = openPool(cluster.url(), { size: 8 });
    const held = await Promise.all(Array.from({ length: 7 }, () => holders.connect()));
    await cluster.run(`CREATE ROLE plain LOGIN`).catch(() => undefined);
    const error = await told(openPool(cluster.url({ user: 'known', password: 'right' })).query('SELECT 1'));
    for (const client of held) client.release(true);
    expectTold(error, { ...passing, message: /no free connection/, fix: /max_connections/ });
  });

  test('the server is being stopped', async () => {
    const holder = await openPool(cluster.url()).connect();
    cluster.askToStop('smart');
    const pool = openPool(cluster.url());
    let error = await told(pool.query('SELECT pg_sleep(0)'));
    expectTold(error, { ...passing, message: /starting, stopping|can't be reached/, fix: /./ });
    const statement = told(holder.query('SELECT pg_sleep(60)'));
    await cluster.stop('fast');
    error = await statement;
    expectTold(error, { ...passing, message: /broke .*may or may not/, fix: /look first/ });
    holder.release(true);
    await cluster.start();
    expect((await pool.query('SELECT 1')).rowCount).toBe(1);
  });

  test('the server is out of memory', async () => {
    const allLocks = 'SELECT count(pg_advisory_xact_lock(n)) FROM generate_series(1, 1000000) n';
    const error = await told(openPool(cluster.url(), { statementTimeoutMs: 0 }).query(allLocks));
    expectTold(error, { ...passing, message: /out of memory/, fix: /memory/ });
  });
});

describe('certificates', () => {
  const certificates = makeCertificates();
  const cluster = async (of: ServerCertificate) =>
    await startCluster({ settings: { ssl: 'on' }, files: { 'server.crt': of.certificate, 'server.key': of.key } });
  const verifying = `?sslmode=verify-full&sslrootcert=${certificates.authority}`;
  let served: Cluster;
  const serve = async (of: ServerCertificate) => {
    if (!served) served = await cluster(of);
    else {
      writeFileSync(`${served.folder}/data/server.crt`, of.certificate);
      writeFileSync(`${served.folder}/data/server.key`, of.key);
      await served.run('SELECT pg_reload_conf()');
      // Connections that are made from now on have the new one: the postmaster reads it before it forks again.
      await served.run('SELECT pg_sleep(0.2)');
    }
    return (query: string) => served.url({ query }).replace('127.0.0.1', 'localhost');
  };

  test.each<[what: string, of: ServerCertificate, query: string, expected: Expected | null]>([
    ['of the authority', certificates.good, verifying, null],
    [
      'of an authority that is not known',
      certificates.good,
      '?sslmode=verify-full',
      { ...lasting, message: /not trusted/, fix: /sslrootcert/ },
    ],
    ['expired', certificates.expired, verifying, { ...lasting, message: /expired/, fix: /renew/ }],
    [
      'for another host',
      certificates.otherHost,
      verifying,
      { ...lasting, message: /another host name/, fix: /host in DATABASE_URL/ },
    ],
    [
      'signed by itself',
      certificates.selfSigned,
      '?sslmode=verify-full',
      { ...lasting, message: /not trusted/, fix: /sslrootcert/ },
    ],
  ])('%s', async (_what, of, query, expected) => {
    const url = (await serve(of))(query);
    const asking = openPool(url).query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    if (expected) expectTold(await told(asking), expected);
    else expect((await asking).rows).toEqual([{ ssl: true }]);
  });

  test('a server that does not encrypt', async () => {
    const { url } = await createTestDatabase({ template: false });
    const error = await told(openPool(`${url}?sslmode=verify-full`).query('SELECT 1'));
    expectTold(error, { ...lasting, message: /does not encrypt/, fix: /sslmode=disable/ });
  });
});
