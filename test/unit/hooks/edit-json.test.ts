import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { expect, it } from 'vitest';
import { readJson, removeEmptyJson, removeJson, setJson } from '../../../src/hooks/install/texts/edit-json.js';

const SERVER = { command: 'node', args: ['main.js', 'mcp'] };

function add(text: string): string {
  return setJson(setJson(text, ['servers', 'ours'], SERVER), ['hooks', 'Stop', countStops(text)], { command: 'x' });
}

function remove(text: string): string {
  const hooks = removeJson(text, ['hooks', 'Stop', countStops(text) - 1]);
  const rest = removeEmptyJson(removeEmptyJson(hooks, ['hooks', 'Stop']), ['hooks']);
  return removeEmptyJson(removeJson(rest, ['servers', 'ours']), ['servers']);
}

function countStops(text: string): number {
  return ((readJson(text, ['hooks', 'Stop']) ?? []) as unknown[]).length;
}

it('a new text is written as JSON.stringify writes it', () => {
  const expected = { servers: { ours: SERVER }, hooks: { Stop: [{ command: 'x' }] } };
  expect(add('{}\n')).toBe(`${JSON.stringify(expected, null, 2)}\n`);
});

it.each([
  [
    'comments',
    '// top\n{\n  // of a\n  "a": 1, // behind a\n  /* of b */ "b": [1, 2] // behind b\n  // at the end\n}\n',
  ],
  ['a comment alone', '{ // mine\n}'],
  ['trailing commas', '{\n\t"a": {\n\t\t"x": [1, 2,],\n\t},\n}\n'],
  ['a trailing comma on a line of its own', '{\n  "a": 1\n  ,\n}\n'],
  ['one line', '{"servers":{"other":{"command":"o"}},"hooks":{"Stop":[{"command":"mine"}]}}'],
  ['one line with spaces', '{ "servers": { "other": { "command": "o" } }, "hooks": { "Stop": [] } }\n'],
  ['an object on one line', '{\n    "servers": {"other": {"command": "o"}},\n    "model": "x"\n}'],
  ['no newline at the end, tabs', '{\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t{ "command": "mine" } // mine\n\t\t]\n\t}\n}'],
  [
    'CRLF',
    '{\r\n  "servers": {\r\n    "other": {}\r\n  },\r\n  "hooks": {\r\n    "Stop": [\r\n      1\r\n    ]\r\n  }\r\n}\r\n',
  ],
  ['odd white space', '{ "a" : 1\n\n , "b":[ 1 ,2 ]\n\n}\n\n'],
])('what is added and taken out again leaves every byte: %s', (_name, text) => {
  const added = add(text);
  expect(parse(added, [], { allowTrailingComma: true })).toMatchObject({ servers: { ours: SERVER } });
  for (const comment of text.match(/\/\/.*|\/\*.*\*\//g) ?? []) expect(added).toContain(comment);
  expect(add2(added)).toBe(added);
  const emptied = text.includes('"Stop": []') ? text.replace(', "hooks": { "Stop": [] }', '') : text;
  expect(remove(added)).toBe(emptied);
});

/** Sets what is there already. */
function add2(text: string): string {
  const again = setJson(text, ['servers', 'ours'], { args: SERVER.args, command: SERVER.command });
  return setJson(again, ['hooks', 'Stop', countStops(text) - 1], { command: 'x' });
}

it('replaces a value in place, in the style of its surroundings', () => {
  const text = '{\n  "servers": {\n    // ours\n    "ours": 1, // old\n    "other": 2\n  }\n}\n';
  expect(setJson(text, ['servers', 'ours'], { a: [1] })).toBe(
    '{\n  "servers": {\n    // ours\n    "ours": {\n      "a": [\n        1\n      ]\n    }, // old\n    "other": 2\n  }\n}\n',
  );
  expect(setJson('{"servers":{"ours":1,"other":2}}', ['servers', 'ours'], { a: 1 })).toBe(
    '{"servers":{"ours":{"a":1},"other":2}}',
  );
});

it('keeps the comments around what it takes out', () => {
  const text = '{\n  "a": [\n    1, // one\n    // of two\n    2, // two\n    3 // three\n  ]\n}\n';
  expect(removeJson(text, ['a', 1])).toBe(
    '{\n  "a": [\n    1, // one\n    // of two\n // two\n    3 // three\n  ]\n}\n',
  );
  expect(removeJson('{"a":[1,2,3]}', ['a', 2])).toBe('{"a":[1,2]}');
  expect(removeJson('{"a":[1,2,3]}', ['a', 0])).toBe('{"a":[2,3]}');
});

it.each([
  ['it is no JSON: CloseBraceExpected in line 3', '{\n  "a": [\n    1]'],
  ['it is no JSON object', '[1]'],
  ['it is no JSON', 'servers = 1'],
  ['"servers" is no object', '{ "servers": [] }'],
  ['"Stop" is no list', '{ "hooks": { "Stop": {} } }'],
])('refuses with "%s"', (problem, text) => {
  expect(() => {
    setJson(text, ['servers', 'ours'], 1);
    setJson(text, ['hooks', 'Stop', 0], 1);
  }).toThrow(problem);
});

const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(1, 'x', null, ': ,"}'), tie('object'), tie('array')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'servers', 'hooks', 'Stop'), tie('value'), { maxKeys: 3 }),
  array: fc.array(tie('value'), { maxLength: 3 }),
}));

it('any object: the value is there, all else is as it was', () => {
  fc.assert(
    fc.property(json.object, fc.constantFrom(0, 1, '\t', 4), fc.constantFrom('a', 'new'), (object, indent, key) => {
      const text = JSON.stringify(object, null, indent);
      const added = setJson(text, [key], SERVER);
      expect(JSON.parse(added)).toEqual({ ...(object as object), [key]: SERVER });
      const { [key]: _own, ...rest } = object as Record<string, unknown>;
      expect(JSON.parse(removeJson(added, [key]))).toEqual(rest);
      if (key === 'new') expect(removeJson(added, [key])).toBe(text);
    }),
  );
});
