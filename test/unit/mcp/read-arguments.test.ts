import { describe, expect, it, test } from 'vitest';
import type * as z from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Tool } from '../../../src/mcp/define-tool.js';
import { readArguments } from '../../../src/mcp/server/read-arguments.js';
import { tools } from '../../../src/mcp/tools/tool-list.js';

function find(name: string): Tool {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool as Tool;
}

function refusal(name: string, args: unknown): AppError {
  try {
    readArguments(find(name), args);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('it was not refused by an AppError');
}

test.each<[string, unknown, Record<string, unknown>]>([
  ['ping', null, {}],
  ['ping', undefined, {}],
  ['ping', '', {}],
  ['recall', '{"query":"x"}', { query: 'x' }],
  ['recall', { query: 'x', limit: null, kinds: null }, { query: 'x' }],
  ['recall', { query: 'x', limit: '5' }, { query: 'x', limit: 5 }],
  ['recall', { query: 'x', limit: ' 5.0 ' }, { query: 'x', limit: 5 }],
  ['pop', { query: 'x', drop: 'TRUE' }, { query: 'x', drop: true }],
  ['pop', { query: 'x', version: '' }, { query: 'x' }],
  ['acquire', { patterns: 'src/a.ts' }, { patterns: ['src/a.ts'] }],
  ['acquire', { patterns: '["src/a.ts", "b.ts"]' }, { patterns: ['src/a.ts', 'b.ts'] }],
  ['acquire', { files: ['src/a.ts'] }, { patterns: ['src/a.ts'] }],
  ['acquire', { patterns: ['src/a.ts'], mode: 'Shared', wait_seconds: '3' }, { mode: 'shared', wait_seconds: 3 }],
  ['acquire', { patterns: [7] }, { patterns: ['7'] }],
  ['start_task', { task: 'x', patterns: 'a.ts', later: null }, { task: 'x', files: ['a.ts'] }],
  ['acquire', { patterns: ['a.ts'], session_id: '' }, { patterns: ['a.ts'] }],
  ['start_task', { task: 12 }, { task: '12' }],
  ['stash', { name: 'x', summary: 'y', metadata: '{"a":[1]}' }, { metadata: { a: [1] } }],
])('%s takes %j for what it means', (name, args, meant) => {
  expect(readArguments(find(name), args)).toMatchObject(meant);
});

test.each([
  ['start_task', { task: {} }, 'task must be a string, got an object'],
  ['start_task', { task: null }, 'task is required'],
  ['start_task', { task: 'x', files: {} }, 'files must be a list of strings, such as ["src/a.ts"], got an object'],
  ['start_task', { task: 'x', files: [['a.ts']] }, 'files[0] must be a string, got a list'],
  ['recall', { query: 'x', limit: 'many' }, 'limit must be a number, got the string "many"'],
  ['pop', { query: 'x', drop: 1 }, 'drop must be true or false, got the number 1'],
  ['acquire', { patterns: ['a'], mode: 'both' }, 'mode'],
  ['acquire', [], 'the arguments must be an object, got a list'],
  ['ping', 'hello', 'the arguments must be an object, got the string "hello"'],
  ['who_is_working', { verbose: true }, 'unknown argument "verbose"'],
])('%s refuses %j and says what is wanted', (name, args, problem) => {
  const { code, message, fix } = refusal(name, args);
  expect(code).toBe('invalid_argument');
  expect(message).toContain(problem);
  expect(fix).not.toBe('');
});

describe.each(tools.map((tool) => [tool.name, tool as Tool] as const))('%s', (_, tool) => {
  const whole = tool.examples.flatMap(({ input }) => Object.entries(input));

  it('reads its own examples as they are', () => {
    for (const { input } of tool.examples) expect(readArguments(tool, input)).toMatchObject(input);
  });

  it('says of each argument of a wrong type its name, never that it is missing', () => {
    for (const [name, value] of whole) {
      const args = {
        ...tool.examples.find(({ input }) => name in input)?.input,
        [name]: typeof value === 'object' ? 1.5 : [[]],
      };
      try {
        readArguments(tool, args);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect((error as AppError).message).toContain(name);
        expect((error as AppError).message).not.toContain('is required');
      }
    }
  });

  it('takes null for every optional argument, and changes nothing of what it is given', () => {
    const optional = Object.entries(tool.input.shape).filter(
      ([, schema]) => (schema as z.ZodType).safeParse(undefined).success,
    );
    const nothing = Object.fromEntries(optional.map(([name]) => [name, null]));
    for (const { input } of tool.examples) {
      const given = Object.freeze({ ...nothing, ...input });
      expect(readArguments(tool, given)).toMatchObject(input);
    }
  });
});
