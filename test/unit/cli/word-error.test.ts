import { expect, test } from 'vitest';
import { wordError } from '../../../src/text/word-error.js';

test.each([
  [new Error('it\n  broke'), 'it broke'],
  [new TypeError(''), 'TypeError'],
  [new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
  ['text', 'text'],
  [{ message: 'thrown as it is' }, 'thrown as it is'],
  [{ code: 7 }, '{"code":7}'],
  [undefined, 'undefined'],
])('%s: never [object Object]', (error, words) => expect(wordError(error)).toBe(words));
