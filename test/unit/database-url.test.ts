// DATABASE_URL with one host and with several.
import { describe, expect, test } from 'vitest';
import { findUrlFault, nameDatabase, nameDatabasePlace, splitDatabaseUrl } from '../../src/database-url.js';

const BOTH = 'postgresql://me:se%40cret@db1:5433,db2/popstash?sslmode=verify-full';

test('several hosts are one URL each, in their order', () => {
  expect(splitDatabaseUrl(BOTH)).toEqual([
    'postgresql://me:se%40cret@db1:5433/popstash?sslmode=verify-full',
    'postgresql://me:se%40cret@db2/popstash?sslmode=verify-full',
  ]);
});

test.each([
  'postgres://localhost/popstash',
  'postgres://me:a,b@localhost/popstash',
  'postgres://me@[::1]:5432/popstash',
  'postgres://me@/popstash?host=/run/postgresql',
])('%s is left as it is', (url) => {
  expect(splitDatabaseUrl(url)).toEqual([url]);
  expect(findUrlFault(url)).toBeNull();
});

test('hosts that are added later do not make it another database', () => {
  expect(nameDatabasePlace(BOTH)).toBe('db1:5433/popstash');
  expect(nameDatabasePlace('postgresql://me@db1:5433/popstash')).toBe('db1:5433/popstash');
  expect(nameDatabase(BOTH)).toBe('popstash');
});

describe('what is wrong is said', () => {
  test.each([
    ['mysql://localhost/x', /must begin with postgres/],
    ['postgres://me@db1:port,db2/x', /is no URL/],
    ['postgres://me@db1,db2/x?target_session_attrs=read-only', /target_session_attrs=read-only/],
  ])('%s', (url, words) => {
    expect(findUrlFault(url)).toMatch(words);
  });

  test('nothing of a list that asks for a primary', () => {
    expect(findUrlFault(`${BOTH}&target_session_attrs=read-write`)).toBeNull();
  });
});
