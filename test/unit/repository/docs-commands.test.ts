// Every command in the documents is one that there is, with options that it has; test/e2e/command-line/ runs those that can
// be run. Those of npm are run by .ci/run, or listed here.
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createTestProgram } from '../../support/commands/create-test-program.js';
import { listDocumentedCommands, readPopstashWords } from '../../support/setup/documented-commands.js';
import { readRepositoryFile } from '../../support/setup/repository-files.js';

/** Of npm, and why no run of the tests runs them. */
const NOT_RUN: Readonly<Record<string, string>> = {
  bench: 'hours; single figures are run when they are taken',
  ci: 'it is .ci/run itself',
  compare: 'installs other servers, and measures for minutes',
  demo: 'the first of the two commands of the README: run by hand, since it takes a minute',
  format: 'writes files; lint checks the same',
  'migration:new': 'writes a migration; the recipes of CONTRIBUTING.md test what it writes',
  'prices:build': 'writes the price table; lint of prices is a test',
  'pack:release': 'run by test/e2e/pack-release.test.ts',
  prisma: 'passes its arguments to Prisma',
  'prove:compose': 'needs Docker',
  'schema:dump': 'run by the recipes of CONTRIBUTING.md',
  services: 'runs on, for development',
  'sql:embedded': 'opens a data folder that no server may own',
  'test:node22': 'needs another Node',
  'test:unit': 'part of npm test',
  'time:first-task': 'installs everything from nothing',
  trials: 'hours; npm test runs their short form',
};
/** Of npm itself. */
const NPM_ITSELF = /^npm (ci|install|version|view|deprecate|i|uninstall|test)\b/;

const program = createTestProgram();

test('every command of popstash is there, with its options and no more arguments than it takes', () => {
  const faults = listDocumentedCommands().flatMap(({ document, text }) => {
    const words = readPopstashWords(text);
    const fault = words && findFault(program, words);
    return fault ? [`${document}: ${text}: ${fault}`] : [];
  });
  expect(faults).toEqual([]);
});

test('every npm script is run by .ci/run, or listed with the reason why it is not', () => {
  const ci = readRepositoryFile('.ci/run');
  const left = listDocumentedCommands()
    .filter(({ text }) => text.startsWith('npm ') && !NPM_ITSELF.test(text))
    .map(({ text }) => /^npm run (?:-s )?([\w:-]+)/.exec(text)?.[1] ?? text)
    .filter((name) => !(name in NOT_RUN) && !new RegExp(`npm run (-s |--silent )?${name}\\b`).test(ci));
  expect([...new Set(left)]).toEqual([]);
});

function findFault(command: Command, [word, ...rest]: readonly string[]): string | null {
  if (word === undefined) return null;
  const subcommand = command.commands.find((each) => each.name() === word);
  if (subcommand) return findFault(subcommand, rest);
  const words = [word, ...rest];
  const left: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const each = words[index] ?? '';
    if (!each.startsWith('-')) {
      left.push(each);
      continue;
    }
    const [flag] = each.split('=');
    if (flag === '--help' || flag === '--version') continue;
    const option = command.options.find(({ long, short }) => long === flag || short === flag);
    if (!option) return `it has no option ${flag}`;
    if ((option.required || option.optional) && !each.includes('=')) index += 1;
  }
  const isVariadic = command.registeredArguments.at(-1)?.variadic === true;
  if (left.length <= command.registeredArguments.length || isVariadic) return null;
  return `it takes no ${left[command.registeredArguments.length]}`;
}
