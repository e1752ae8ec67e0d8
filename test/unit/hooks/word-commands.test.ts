import { expect, test } from 'vitest';
import { wordCommands } from '../../../src/text/word-commands.js';

const word = (text: string) => wordCommands(text, () => 'npx -y popstash@0');

test.each([
  ['Run popstash doctor.', 'Run npx -y popstash@0 doctor.'],
  ['(popstash --help lists the commands)', '(npx -y popstash@0 --help lists the commands)'],
  ['`popstash up`, then popstash projects link', '`npx -y popstash@0 up`, then npx -y popstash@0 projects link'],
  ['POPSTASH_PRICES=x popstash costs reprice', 'POPSTASH_PRICES=x npx -y popstash@0 costs reprice'],
])('%s', (text, expected) => {
  expect(word(text)).toBe(expected);
});

test.each([
  'popstash: no such file',
  'the popstash tool ping',
  'popstash initial',
  '/usr/bin/popstash init',
  'npx -y popstash@0 init',
  'my-popstash init',
  'popstash.init up',
])('no command: %s', (text) => {
  expect(word(text)).toBe(text);
});
