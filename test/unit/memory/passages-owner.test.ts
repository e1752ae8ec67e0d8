import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findPackage } from '../../../src/package-root.js';

it('only src/memory/passages has statements that write passages', () => {
  const source = join(findPackage().root, 'src');
  const writes = /(INSERT INTO|UPDATE|DELETE FROM)\s+passages\b/;
  const writers = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => writes.test(readFileSync(join(source, file), 'utf8')));
  expect(writers.length).toBeGreaterThan(0);
  expect(writers.filter((file) => !file.startsWith(join('memory', 'passages')))).toEqual([]);
});
