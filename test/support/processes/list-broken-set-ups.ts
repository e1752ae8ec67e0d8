import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFolder } from '../setup/folders.js';
import type { BrokenSetUp } from './broken-set-up.js';

const NOWHERE = 'postgres://u:p@127.0.0.1:1/x';
const OLD_NODE = join(import.meta.dirname, '..', 'commands', 'old-node.cjs');
const file = join(createFolder(), 'file');
writeFileSync(file, '');

const notUsable = (name: string) => new RegExp(`^popstash[^:]*: ${name} is not usable: .+`);
const HOOK = JSON.stringify({ hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: { file_path: '/a.ts' } });

/** By name: what is wrong, what is run in it, and what it must say. */
export const SET_UPS: Record<string, BrokenSetUp> = {
  'DATABASE_URL of no database': { args: ['status'], env: { DATABASE_URL: 'foo://' }, says: notUsable('DATABASE_URL') },
  'the same, for a client': { args: ['mcp'], env: { DATABASE_URL: 'foo://' }, says: notUsable('DATABASE_URL') },
  'the same, for a worker': {
    args: ['worker', 'embedding'],
    env: { DATABASE_URL: 'x' },
    says: notUsable('DATABASE_URL'),
  },
  'a password with #': {
    args: ['costs'],
    env: { DATABASE_URL: 'postgres://u:p#@h/d' },
    says: notUsable('DATABASE_URL'),
  },
  'nobody answers at DATABASE_URL': {
    args: ['status'],
    env: { DATABASE_URL: NOWHERE },
    says: /can't be reached \(.*127.0.0.1:1/,
  },
  'the same, migrate': { args: ['migrate'], env: { DATABASE_URL: NOWHERE }, says: /can't be reached/ },
  'the same, costs': { args: ['costs'], env: { DATABASE_URL: NOWHERE }, says: /can't be reached/ },
  'the same, timeline': { args: ['timeline', '--follow'], env: { DATABASE_URL: NOWHERE }, says: /can't be reached/ },
  'a host that is none': {
    args: ['locks'],
    env: { DATABASE_URL: 'postgres://u@h.invalid/x' },
    says: /can't be reached|h\.invalid/,
  },
  'REDIS_URL of no Redis': {
    args: ['migrate'],
    env: { DATABASE_URL: NOWHERE, REDIS_URL: 'http://r' },
    says: notUsable('REDIS_URL'),
  },
  'a misspelt guard': {
    args: ['up'],
    env: { POPSTASH_GUARD: 'typo' },
    says: /POPSTASH_GUARD is not usable: "typo" is none of advisory, guarded, off/,
  },
  'the same, doctor': {
    args: ['doctor'],
    env: { POPSTASH_GUARD: 'typo' },
    says: /^BROKEN {3}settings .*POPSTASH_GUARD/,
    isAnswer: true,
  },
  'all of it, and a variable that nothing reads': {
    args: ['doctor'],
    env: { POPSTASH_DATADIR: '/x', DATABASE_URL: NOWHERE },
    says: /^warning {2}settings .*nothing reads POPSTASH_DATADIR[\s\S]*^BROKEN {3}database .*can't be reached/m,
    isAnswer: true,
  },
  'a number that is none': {
    args: ['status'],
    env: { POPSTASH_IDLE_MINUTES: 'soon' },
    says: notUsable('POPSTASH_IDLE_MINUTES'),
  },
  'a time zone that is none': {
    args: ['timeline'],
    env: { POPSTASH_TIMEZONE: 'Mars' },
    says: notUsable('POPSTASH_TIMEZONE'),
  },
  'a file as data folder': {
    args: ['up'],
    env: { POPSTASH_DATA_DIR: file },
    says: /data folder \S+ is a file, not a folder/,
  },
  'the same, status': { args: ['status'], env: { POPSTASH_DATA_DIR: file }, says: /is a file, not a folder/ },
  'the same, down': { args: ['down'], env: { POPSTASH_DATA_DIR: file }, says: /is a file, not a folder/ },
  'the same, logs': { args: ['logs'], env: { POPSTASH_DATA_DIR: file }, says: /file/ },
  'a data folder below a file': {
    args: ['up'],
    env: { POPSTASH_DATA_DIR: join(file, 'x') },
    says: /a part of its path is a file/,
  },
  'a data folder where no folder can be made': {
    args: ['up'],
    env: { POPSTASH_DATA_DIR: '/proc/popstash' },
    says: /data folder \/proc\/popstash can not be made/,
  },
  'a data folder that nobody put a value into': {
    args: ['status'],
    env: { POPSTASH_DATA_DIR: '[object Object]' },
    code: 1,
    says: /POPSTASH_DATA_DIR is not usable/,
  },
  'a variable in its path': {
    args: ['mcp'],
    env: { POPSTASH_DATA_DIR: '$HOME/x' },
    says: /POPSTASH_DATA_DIR is not usable: "\$HOME\/x" stands for a value/,
  },
  "another user's home": { args: ['down'], env: { POPSTASH_DATA_DIR: '~root/x' }, says: /another user's home/ },
  'a folder in the home': {
    args: ['down'],
    env: { POPSTASH_DATA_DIR: '~/x' },
    code: 0,
    says: /^No local server is running for \/.*ps-home-\w+\/x\.$/m,
    isAnswer: true,
  },
  'a folder in this one': {
    args: ['down'],
    env: { POPSTASH_DATA_DIR: '.popstash' },
    code: 0,
    says: /for \/.*\/\.popstash\.$/m,
    isAnswer: true,
  },
  'a home where nothing can be written': {
    args: ['up'],
    env: { HOME: '/proc' },
    cwd: createFolder(),
    says: /data folder \/proc\/\S+ can not be made/,
  },
  'no home': { args: ['status'], env: { HOME: undefined }, code: 0, says: /./, isAnswer: true },
  'a home that is none': {
    args: ['status'],
    env: { HOME: 'x' },
    cwd: createFolder(),
    code: 0,
    says: /./,
    isAnswer: true,
  },
  'an old Node': {
    args: ['status'],
    node: ['--require', OLD_NODE],
    says: /^popstash needs Node 20\.19 .* is 18\.20\.4/,
  },
  'the same, mcp': { args: ['mcp'], node: ['--require', OLD_NODE], says: /^popstash needs Node .*\n$/ },
  'the same, hook': {
    args: ['hook', 'pre-tool-use'],
    node: ['--require', OLD_NODE],
    input: HOOK,
    says: /^popstash needs Node .*\n$/,
  },
  'the same, a hook that must refuse': {
    args: ['hook', 'pre-tool-use'],
    node: ['--require', OLD_NODE],
    env: { POPSTASH_GUARD: 'guarded' },
    code: 2,
    input: HOOK,
    says: /^popstash needs Node .*\n$/,
  },
  'a hook without a payload': {
    args: ['hook', 'pre-tool-use'],
    code: 0,
    says: /could not be read .*Unexpected end/,
    isAnswer: true,
  },
  'a hook of a misspelt guard': {
    args: ['hook', 'pre-tool-use'],
    env: { POPSTASH_GUARD: 'typo' },
    code: 0,
    input: HOOK,
    says: /does not check this edit/,
    isAnswer: true,
  },
  'a hook whose data folder is none': {
    args: ['hook', 'pre-tool-use'],
    env: { POPSTASH_DATA_DIR: '$x' },
    code: 0,
    input: HOOK,
    says: /POPSTASH_DATA_DIR is not usable/,
    isAnswer: true,
  },
  'a command that is none': { args: ['statsu'], code: 2, says: /unknown command 'statsu'\n\(Did you mean status\?\)/ },
  'an option that is none': {
    args: ['status', '--jsn'],
    code: 2,
    says: /unknown option '--jsn'\n\(Did you mean --json\?\)/,
  },
  'a subcommand that is none': {
    args: ['locks', 'releas'],
    code: 2,
    says: /popstash locks has no command 'releas'; it has: release/,
  },
  'another one': {
    args: ['costs', 'adit'],
    code: 2,
    says: /popstash costs has no command 'adit'; it has: scan, audit/,
  },
  'one where a command has a default': {
    args: ['projects', 'lst'],
    code: 2,
    says: /popstash projects has no command 'lst'; it has: list, show/,
  },
};
