import { expect, it } from 'vitest';
import { checkMember } from '../../../src/cli/context/check-member.js';

const env = { POPSTASH_URL: 'https://popstash.example.com', POPSTASH_TOKEN: 'pst_x' };

it.each([
  ['up', 'no local server is used here'],
  ['backup', 'works on the database behind it'],
  ['restore-backup', 'works on the database behind it'],
  ['costs reprice', 'works on the database behind it'],
  ['costs rollup', 'works on the database behind it'],
  ['migrate', 'works on the database behind it'],
  ['dashboard', 'works on the database behind it'],
])('popstash %s is refused, naming the server', (words, said) => {
  expect(() => checkMember(env, words)).toThrow(`POPSTASH_URL is set (${env.POPSTASH_URL}): `);
  expect(() => checkMember(env, words)).toThrow(said);
});

it.each(['status', 'costs', 'costs scan', 'search', 'doctor'])('popstash %s needs a token', (words) => {
  expect(checkMember(env, words)).toBeUndefined();
  expect(() => checkMember({ POPSTASH_URL: env.POPSTASH_URL }, words)).toThrow('POPSTASH_TOKEN is not set');
});

it('lets who runs the server work on its database', () => {
  expect(checkMember({ POPSTASH_URL: env.POPSTASH_URL, DATABASE_URL: 'postgres://x/y' }, 'migrate')).toBeUndefined();
});

it.each(['down', 'init', 'uninstall', 'logs', 'tokens create'])('popstash %s needs none', (words) => {
  expect(checkMember({ POPSTASH_URL: env.POPSTASH_URL }, words)).toBeUndefined();
});
