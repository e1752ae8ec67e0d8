import { expect, test } from 'vitest';
import { wordError } from '../../../src/word-error.js';

test.each([
  [new Error('it\n  broke'), 'it broke'],
  [new TypeError(''), 'TypeError'],
  [new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
  ['text', 'text'],
  [{ message: 'thrown as it is' }, 'thrown as it is'],
  [{ code: 7 }, '{"code":7}'],
  [{ name: 'ErrnoError', errno: 51 }, 'ENOSPC: no space left on the disk'],
  [undefined, 'undefined'],
])('%s: never [object Object]', (error, words) => expect(wordError(error)).toBe(words));
