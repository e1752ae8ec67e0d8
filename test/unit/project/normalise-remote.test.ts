import { expect, it } from 'vitest';
import { normaliseRemote } from '../../../src/identity/normalise-remote.js';

it.each([
  'https://github.com/Team/App.git',
  'https://user:secret@github.com/team/app',
  'ssh://git@github.com/team/app.git',
  'ssh://git@ssh.github.com:443/team/app.git',
  'git@github.com:team/app.git',
  'github.com:team/app',
  'git://github.com/team/app/',
])('takes %s for the one repository', (address) => {
  expect(normaliseRemote(address, '/')).toBe('github.com/team/app');
});

it.each([
  ['https://dev.azure.com/org/project/_git/app', 'dev.azure.com/org/project/app'],
  ['git@ssh.dev.azure.com:v3/org/project/app', 'dev.azure.com/org/project/app'],
  ['/srv/git/App.git', 'file:/srv/git/App.git'],
  ['file:///srv/git/App.git', 'file:/srv/git/App.git'],
  ['../git/App.git', 'file:/srv/git/App.git'],
  ['https://host', null],
  [' ', null],
])('takes %s for %s', (address, expected) => {
  expect(normaliseRemote(address, '/srv/work')).toBe(expected);
});
