// What SQL says to the planner is said by the names of docs/planner-hints.md.
import { describe, expect, test } from 'vitest';
import { listRepositoryFiles, readRepositoryFile } from '../../support/setup/repository-files.js';

const page = readRepositoryFile('docs/planner-hints.md');
const named = [...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name);
const files = listRepositoryFiles();
const functions = files.filter((path) => /^prisma\/functions\/.*\.sql$/.test(path));
const sources = files.filter((path) => /^src\/.*\.ts$/.test(path) && path !== 'src/db/planner-hints.ts');

/** By the name of the hint: what it looks like in SQL. */
const FORMS = {
  fence: /\bOFFSET 0\b/,
  'hidden column': /\|\| ''(?!::|')|coalesce\(\w+, '(infinity)?'\) = /,
  'index plans': /\bSET enable_\w+ = off\b/,
};

describe.each(functions)('%s', (path) => {
  const sql = readRepositoryFile(path);
  const tags = [...sql.matchAll(/\(hint: ([a-z ]+)/g)].map(([, name]) => name);

  test('uses names of the page', () => {
    expect(tags.filter((tag) => !named.includes(tag))).toEqual([]);
  });

  test('names each hint that it uses', () => {
    const used = Object.entries(FORMS).filter(([, form]) => form.test(sql));
    expect(used.map(([name]) => name).filter((name) => !tags.includes(name))).toEqual([]);
  });
});

test('statements in TypeScript take their hints from src/db/planner-hints.ts', () => {
  const written = sources.filter((path) => /\bOFFSET 0\b|[\w.]+_(id|kind) \|\| ''/.test(readRepositoryFile(path)));
  expect(written).toEqual([]);
});
