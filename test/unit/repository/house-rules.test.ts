// Rules of the house that no linter has: the length of files, the words of the glossary, and that nothing refers outside
// the repository.
import { describe, expect, test } from 'vitest';
import { listRepositoryFiles, readRepositoryFile } from '../../support/setup/repository-files.js';

const MAX_LINES = 300;
const MAX_MEDIAN_LINES = 70;
const MAX_SQL_FUNCTION_LINES = 80;
/** More files of one kind than this in a folder are a list in which nobody finds anything. */
const MAX_FILES = 24;

const files = listRepositoryFiles();
const code = files.filter((path) => /^(src|workers)\/.*\.ts$/.test(path));
const functions = files.filter((path) => /^prisma\/functions\/.*\.sql$/.test(path));

describe('length', () => {
  test(`no file of code has more than ${MAX_LINES} lines, tests and scripts included`, () => {
    const all = files.filter((path) => /^(src|workers|test|scripts|bench|docker)\/.*\.(ts|mjs|cjs)$/.test(path));
    expect(longerThan(all, MAX_LINES)).toEqual([]);
  });

  test(`half of the files of src and workers have ${MAX_MEDIAN_LINES} lines at most`, () => {
    const lengths = code.map(countLines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(MAX_MEDIAN_LINES);
  });

  test(`no SQL function has more than ${MAX_SQL_FUNCTION_LINES} lines`, () => {
    expect(longerThan(functions, MAX_SQL_FUNCTION_LINES)).toEqual([]);
  });
});

test(`no folder of code or tests has more than ${MAX_FILES} files`, () => {
  const counts = new Map<string, number>();
  for (const path of files.filter((each) => /^(src|workers|test)\/.*\.(ts|mjs)$/.test(each))) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

test('words that docs/glossary.md has replaced do not come back', () => {
  const replaced =
    /\b(nudged?|nudges|scenes?|hearings?|lanes?|tidy|tidied|anew|hasty|judges?|judged|unjudged|lost_proof|take_turn)\b|\b(prove|proof of) life\b|\bhands? over\b|\b(MOST|LEAST)_/i;
  // Old migrations keep their names; the inputs of tests are other people's texts.
  const kept =
    /^(models|prisma\/(migrations|baseline)|test\/fixtures)\/|^(package-lock\.json|test\/unit\/repository\/house-rules\.test\.ts)$/;
  const readers = files.filter((path) => /\.(ts|mjs|cjs|sql|prisma|md|yml|sh)$/.test(path) && !kept.test(path));
  const found = readers.flatMap((path) => {
    const word = replaced.exec(readRepositoryFile(path))?.[0];
    return word === undefined ? [] : [`${path}: ${word}`];
  });
  expect(found).toEqual([]);
});

describe('references', () => {
  test('a comment or a page never cites a document that is not in the repository', () => {
    // Names of working papers that a reader does not have; those in docs/ are checked by docs-paths.test.ts.
    const outside = /(?<![\w/])(quality|product|accountability|experience|libraries|style|original-plan)\.md\b/;
    const readers = files.filter((path) => /\.(ts|mjs|cjs|sql|prisma|md|yml|sh|json)$/.test(path));
    const citing = readers.filter((path) => outside.test(readRepositoryFile(path)));
    expect(citing.filter((path) => path !== 'test/unit/repository/house-rules.test.ts')).toEqual([]);
  });

  test('architecture.md is cited with its folder', () => {
    const bare = files.filter(
      (path) => /\.(ts|mjs|sql|prisma)$/.test(path) && !path.startsWith('test/unit/repository/house-rules'),
    );
    expect(bare.filter((path) => /(?<!docs\/)\barchitecture\.md\b/.test(readRepositoryFile(path)))).toEqual([]);
  });

  test('nothing reaches for a folder beside the repository', () => {
    const scripts = files.filter((path) =>
      /^(\.ci|\.github|scripts|bench|docker)\/|^[^/]+\.(json|ts|yml|cjs)$/.test(path),
    );
    const reaching = scripts.filter((path) => /\.\.\/(shared|models|eval)\b/.test(readRepositoryFile(path)));
    expect(reaching.filter((path) => path !== 'package-lock.json')).toEqual([]);
  });
});

function longerThan(paths: readonly string[], lines: number): string[] {
  return paths.filter((path) => countLines(path) > lines).map((path) => `${path}: ${countLines(path)} lines`);
}

function countLines(path: string): number {
  return readRepositoryFile(path).split('\n').length - 1;
}
