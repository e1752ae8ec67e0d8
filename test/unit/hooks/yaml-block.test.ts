import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { addYamlParts, cutYamlParts } from '../../../src/hooks/install/texts/yaml-block.js';

const MARKERS = { begin: '# ours: begin', end: '# ours: end' };
const LIST = [{ path: ['repos'], lines: ['- repo: ours', '  hooks: []'] }];
const MAP = [
  { path: ['pre-commit', 'commands'], lines: ['ours:', '  run: x'] },
  { path: ['pre-push', 'commands'], lines: ['ours:', '  run: y'] },
];

describe('a list', () => {
  test.each([
    ['without indentation', 'repos:\n- repo: team\n'],
    ['indented', 'repos:\n    - repo: team\n'],
    ['with comments', '# first\nrepos: # of the team\n  # before\n  - repo: team # one\n# last'],
    ['with CRLF', 'repos:\r\n  - repo: team\r\n'],
    ['with other keys around it', 'fail_fast: true\nrepos:\n- repo: team\nci: {}\n'],
    ['in a document', '---\nrepos:\n  - repo: team\n...\n'],
    ['after a mark of bytes', '\ufeffrepos:\n  - repo: team\n'],
  ])('%s: ours is first, all else stays, and it is taken out again', (_what, text) => {
    const edited = addYamlParts(text, LIST, MARKERS);
    expect(parse(edited).repos).toEqual([{ repo: 'ours', hooks: [] }, { repo: 'team' }]);
    expect(cutYamlParts(edited, MARKERS)).toBe(text);
    expect(addYamlParts(edited, LIST, MARKERS)).toBe(edited);
    if (text.includes('\r\n')) expect(edited).not.toMatch(/[^\r]\n/);
  });

  test.each([
    ['between brackets', 'repos: [{repo: team}]\n'],
    ['empty', 'repos:\n'],
    ['no list at all', 'repos: 1\n'],
    ['no YAML', 'repos:\n  - "team\n'],
  ])('%s: refused', (_what, text) => {
    expect(() => addYamlParts(text, LIST, MARKERS)).toThrow();
  });
});

describe('maps', () => {
  test.each([
    ['nothing', ''],
    ['a comment', '# mine\n'],
    ['a comment without an end of line', '# mine'],
    ['other keys', '# mine\nzebra: 1\nant: 2'],
    ['a map on the way', 'pre-commit:\n  parallel: true\n'],
    [
      'commands of others',
      'pre-push: # later\n    commands:\n        mine: {run: z}\npre-commit:\n  commands:\n    mine:\n      run: z\n',
    ],
  ])('%s: ours is added, all else stays, and it is taken out again', (_what, text) => {
    const edited = addYamlParts(text, MAP, MARKERS);
    expect(parse(edited)['pre-commit'].commands.ours).toEqual({ run: 'x' });
    expect(parse(edited)['pre-push'].commands.ours).toEqual({ run: 'y' });
    expect(cutYamlParts(edited, MARKERS)).toBe(text);
    expect(addYamlParts(edited, MAP, MARKERS)).toBe(edited);
  });

  test('a key of that name that is not ours: refused', () => {
    expect(() => addYamlParts('pre-commit:\n  commands:\n    ours: {run: z}\n', MAP, MARKERS)).toThrow();
  });
});
