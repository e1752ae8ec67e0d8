import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseDataDir, readEnvironment } from '../../../src/config.js';
import { listUnknownVariables, parseConfig } from '../../../src/parse-config.js';

describe('POPSTASH_DATA_DIR', () => {
  const choose = (POPSTASH_DATA_DIR: string) => chooseDataDir({ POPSTASH_DATA_DIR, HOME: '/home/u' });

  test.each([
    ['/var/popstash', '/var/popstash'],
    ['~', '/home/u'],
    ['~/x', '/home/u/x'],
    ['.popstash', resolve('.popstash')],
    ['./data', resolve('data')],
    ['data/~/x', resolve('data/~/x')],
  ])('%s is %s', (text, expected) => expect(choose(text)).toBe(expected));

  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a client leaves in a text.
  test.each(['${workspaceFolder}/.popstash', '$HOME/x', '%APPDATA%\\x', '[object Object]', 'undefined', '~root/x'])(
    '%s is refused, by name',
    (text) => {
      expect(() => choose(text)).toThrow(`POPSTASH_DATA_DIR is not usable: ${JSON.stringify(text)}`);
    },
  );

  test('is made absolute where the environment is read, since children run elsewhere', () => {
    process.env.POPSTASH_DATA_DIR = './data';
    try {
      expect(readEnvironment().POPSTASH_DATA_DIR).toBe(resolve('data'));
    } finally {
      delete process.env.POPSTASH_DATA_DIR;
    }
  });
});

test('without a usable HOME the system says where home is; a relative XDG_DATA_HOME is none', () => {
  const own = process.platform === 'linux' ? ['.local', 'share', 'popstash'] : null;
  if (!own) return;
  expect(chooseDataDir({})).toBe(join(homedir(), ...own));
  expect(chooseDataDir({ HOME: 'relative' })).toBe(join(homedir(), ...own));
  expect(chooseDataDir({ HOME: '/h', XDG_DATA_HOME: 'data' })).toBe(join('/h', ...own));
  expect(chooseDataDir({ HOME: '/h', XDG_DATA_HOME: '/data' })).toBe('/data/popstash');
});

describe('a value that is not usable is told with what it should be', () => {
  test.each([
    ['POPSTASH_GUARD', 'typo', '"typo" is none of advisory, guarded, off'],
    ['POPSTASH_POOL_SIZE', 'many', '"many" is no number'],
    ['POPSTASH_POOL_SIZE', '1', '"1" is less than 2'],
    ['POPSTASH_IDLE_MINUTES', '1e9', '"1e9" is more than 10080'],
    ['POPSTASH_DASHBOARD_TOKEN', 'secret', 'it is shorter than 16 characters'],
    ['POPSTASH_TIMEZONE', '+02:00', 'is no IANA time zone such as Europe/Berlin'],
    ['DATABASE_URL', 'foo://', 'must begin with postgres:// or postgresql://'],
  ])('%s=%s', (name, value, words) => {
    expect(() => parseConfig({ [name]: value })).toThrow(`${name} is not usable: ${words}`);
  });
});

test('a variable that nothing reads is named', () => {
  const env = { POPSTASH_DATADIR: '/x', POPSTASH_GUARD: 'off', POPSTASH_OVERRIDE: 'why', POPSTASH_TEST_RUN: '1' };
  expect(listUnknownVariables(env)).toEqual(['POPSTASH_DATADIR']);
});
