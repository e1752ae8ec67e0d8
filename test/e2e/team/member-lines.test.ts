// `popstash mcp` of a team's member: each line of its client is answered, whatever it is, and none ends the process.
import { expect, test } from 'vitest';
import { runCommand } from '../../support/processes/processes.js';

const DEPTH = 20_000;
const deep = `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`;

test.each([
  ['no JSON', '{"jsonrpc":', [{ id: null, code: -32_600 }]],
  ['no object', '"ping"', [{ id: null, code: -32_600 }]],
  ['an id that is nested deeply', `{"jsonrpc":"2.0","id":${deep},"method":"ping"}`, [{ id: null, code: -32_600 }]],
  ['a batch that is nested deeply', deep, [{ id: null, code: -32_600 }]],
  [
    'arguments that are nested deeply',
    `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":${deep}}}`,
    [{ id: 1, code: -32_601 }],
  ],
  [
    'a batch',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"n"},7]',
    [
      { id: 1, code: -32_601 },
      { id: null, code: -32_600 },
    ],
  ],
  ['a notification', '{"jsonrpc":"2.0","method":"n"}', []],
])('%s', async (_, line, expected) => {
  const env = { POPSTASH_URL: 'http://127.0.0.1:9', POPSTASH_TOKEN: 'pst_none' };
  const { code, stdout } = await runCommand(['mcp'], { env, input: `${line}\n` });
  const answers = stdout
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text));
  expect(answers.map(({ id, error }) => ({ id, code: error.code }))).toEqual(expected);
  expect(code).toBe(0);
});
