import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainFault } from '../../../src/coordination/locks/explain-fault.js';
import { patternCovers, patternMatches, patternsOverlap } from '../../../src/globs/compare-patterns.js';
import { detectCaseFolding } from '../../../src/globs/detect-case-folding.js';
import { GlobError } from '../../../src/globs/glob-error.js';
import { type NormalizeOptions, normalizePattern } from '../../../src/globs/normalize-pattern.js';
import type { Pattern } from '../../../src/globs/pattern-types.js';
import { isCandidate } from '../../support/locks/is-candidate.js';
import { createFolder } from '../../support/setup/folders.js';

function normalize(input: string, options: Partial<NormalizeOptions> = {}): Pattern {
  return normalizePattern(input, { worktree: '/work/app', foldsCase: false, exists: () => null, ...options });
}

function refusalOf(input: string, options: Partial<NormalizeOptions> = {}): GlobError {
  try {
    normalize(input, options);
  } catch (error) {
    if (error instanceof GlobError) return error;
    throw error;
  }
  throw new Error(`${input} was accepted.`);
}

describe('normalizePattern', () => {
  it.each([
    ['src/app.ts', 'src/app.ts', false, 'src/app.ts'],
    ['./src//lib/../app.ts', 'src/app.ts', false, 'src/app.ts'],
    ['../app/src/app.ts', 'src/app.ts', false, 'src/app.ts'],
    ['/work/app/src/*.ts', 'src/*.ts', true, 'src/'],
    ['src/', 'src/**', true, 'src/'],
    ['src/**/', 'src/**', true, 'src/'],
    ['src/*/', 'src/*/**', true, 'src/'],
    ['.', '**', true, ''],
    ['/work/app', '**', true, ''],
    ['**/**/a', '**/a', true, ''],
    ['src/../*', '*', true, ''],
    ['a/b/{c,d/e}/f', 'a/b/{c,d/e}/f', true, 'a/b/'],
    ['cafe\u0301/*', 'café/*', true, 'café/'],
    ['app/(group)/page.tsx', 'app/(group)/page.tsx', false, 'app/(group)/page.tsx'],
    ['app/(group)/*.tsx', 'app/(group)/*.tsx', true, 'app/(group)/'],
    ['app/@modal/(.)photo/page.tsx', 'app/@modal/(.)photo/page.tsx', false, 'app/@modal/(.)photo/page.tsx'],
    ['{a}', '{a}', false, '{a}'],
    ['{a,b', '{a,b', false, '{a,b'],
    ['a[b', 'a[b', false, 'a[b'],
    ['[product-id]', '[product-id]', false, '[product-id]'],
  ])('%s is %s', (input, pattern, isGlob, literalPrefix) => {
    expect(normalize(input)).toMatchObject({ pattern, isGlob, literalPrefix });
  });

  it.each([
    ['is empty', ''],
    ['is empty', '  '],
    ['control character', 'a\0b'],
    ['control character', 'a\nb'],
    ['surrogate', 'a\ud83db'],
    ['more than 1024 characters', 'x'.repeat(1025)],
    ['more than 2048 bytes', '漢'.repeat(700)],
    ['leads out of the project at /work/app', '../other/a.ts'],
    ['leads out of the project', 'src/../../a.ts'],
    ['leads out of the project', '/etc/passwd'],
    ['leads out of the project', '/work/apple/a.ts'],
    ["'..' after a wildcard", 'src/*/../a'],
    ["'.' or '..'", '{..,src}/a'],
    ['empty', 'src/{,lib}/a'],
    ['empty', '{src/,lib/}'],
    ["begins with '!'", '!src/a.ts'],
    ['extended glob', 'src/@(a|b).ts'],
    ['extended glob', 'src/!(a).ts'],
    ['extended glob', 'src/+(a).ts'],
    ['a range of 100000 values', '{1..100000}'],
    ['too complex', `${'{a,{b,'.repeat(100)}c${'}}'.repeat(100)}`],
    ['unclosed brackets', `${'['.repeat(1000)}z-a]`],
    ['too complex', '**/a/'.repeat(150)],
  ])('refuses what %s, with the fix; the caller names the pattern', (problem, input) => {
    const { problem: said, fix } = refusalOf(input);
    expect(said).toContain(problem);
    expect(said).not.toContain(input.slice(0, 40) || 'Pattern');
    expect(fix.length).toBeGreaterThan(10);
    const options = { worktree: '/work/app', foldsCase: false, exists: () => null };
    const read = () => explainFault('', input, () => normalizePattern(input, options));
    const shown = JSON.stringify(input.slice(0, 8)).slice(0, -1);
    expect(read).toThrow(
      expect.objectContaining({
        name: 'AppError',
        code: 'invalid_argument',
        message: expect.stringContaining(`Pattern ${shown}`),
        fix,
        retryable: false,
      }),
    );
    expect(read).toThrow(said);
  });

  it('takes what is there by that very name literally', () => {
    const there: Record<string, 'file' | 'folder'> = {
      src: 'folder',
      'src/auth': 'folder',
      app: 'folder',
      'app/[id]': 'folder',
      'app/[id]/page.tsx': 'file',
      '!x+(y).ts': 'file',
    };
    const exists = (path: string) => there[path] ?? null;
    expect(normalize('src/auth', { exists })).toMatchObject({
      pattern: 'src/auth/**',
      isGlob: true,
      literalPrefix: 'src/auth/',
    });
    expect(normalize('app/[id]/page.tsx', { exists })).toMatchObject({ key: 'app/[id]/page.tsx', isGlob: false });
    expect(normalize('!x+(y).ts', { exists })).toMatchObject({ key: '!x+(y).ts', isGlob: false });
    const inFolder = normalize('app/[id]/*.tsx', { exists });
    expect(inFolder).toMatchObject({ pattern: 'app/[id]/*.tsx', literalPrefix: 'app/[id]/' });
    expect(patternMatches(inFolder, 'app/[id]/page.tsx')).toBe(true);
    expect(patternMatches(inFolder, 'app/i/page.tsx')).toBe(false);
    expect(normalize('app/[id]', { exists })).toMatchObject({ pattern: 'app/[id]/**', literalPrefix: 'app/[id]/' });
  });

  it('takes a file of an editor literally, whatever its name', () => {
    for (const path of ['app/[id]/{a,b}*.ts', '!a', '@(x)', 'a\\*b']) {
      expect(normalize(`/work/app/${path}`, { isFile: true })).toEqual({
        pattern: path,
        key: path,
        isGlob: false,
        literalPrefix: path,
      });
    }
    expect(refusalOf('/work/app', { isFile: true }).message).toContain('project folder itself');
    expect(refusalOf('/work/b', { isFile: true }).message).toContain('leads out');
  });

  it('looks at the file system: folders, links to the project, decomposed names', () => {
    const folder = realpathSync(createFolder());
    mkdirSync(join(folder, 'real', 'src', 'cafe\u0301'), { recursive: true });
    writeFileSync(join(folder, 'real', 'src', '[x].ts'), '');
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const seen = (input: string, worktree = 'real') =>
      normalizePattern(input, { worktree: join(folder, worktree), foldsCase: false }).pattern;
    expect(seen('src')).toBe('src/**');
    expect(seen('src/café')).toBe('src/café/**');
    expect(seen('src/new.ts')).toBe('src/new.ts');
    expect(seen('src/[x].ts')).toBe('src/[x].ts');
    expect(seen(join(folder, 'link', 'src', 'new.ts'))).toBe('src/new.ts');
    expect(seen(join(folder, 'real', 'src', '*.ts'), 'link')).toBe('src/*.ts');
    expect(seen(join(folder, 'link', 'src', '*.ts'), 'link')).toBe('src/*.ts');
    expect(() => seen(join(folder, 'other.ts'))).toThrow('leads out of the project');
  });

  it('folds case where the file system does, in the key only', () => {
    const folded = (input: string) => normalize(input, { foldsCase: true });
    expect(folded('Src/README.md')).toEqual({
      pattern: 'Src/README.md',
      key: 'src/readme.md',
      isGlob: false,
      literalPrefix: 'src/readme.md',
    });
    expect(folded('/WORK/App/Src/*.TS')).toMatchObject({ pattern: 'Src/*.TS', key: 'src/*.ts', literalPrefix: 'src/' });
    for (const [pattern, path] of [
      ['[A-C]x', 'bX'],
      ['[[:upper:]]', 'q'],
      ['[!A]', 'B'],
      ['STRASSE/*', 'Straße/A'],
      ['ΟΔΟΣ*', 'οδος'],
      ['{A..C}', 'b'],
      ['[userId].ts', '[USERID].ts'],
    ] as const) {
      expect([pattern, patternsOverlap(folded(pattern), folded(path))]).toEqual([pattern, true]);
    }
    expect(patternsOverlap(folded('[!A]'), folded('a'))).toBe(false);
    expect(patternsOverlap(normalize('README.md'), normalize('readme.md'))).toBe(false);
  });
});

describe('patternsOverlap', () => {
  it.each([
    ['docs/{a,b}.md', 'docs/a.md', true],
    ['docs/{a,b}.md', 'docs/c.md', false],
    ['**/*.ts', 'src/**', true],
    ['src/**', 'src', true],
    ['src/**', 'srcs/a', false],
    ['src/a/**', 'src/*/b', true],
    ['**/a', 'a', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['a**b', 'a/b', false],
    ['*', '.env', true],
    ['*', 'a/b', false],
    ['a*', '*b', true],
    ['src/a*/x', 'src/*b/y', false],
    ['src/*.ts', 'src/*.js', false],
    ['?', '😀', true],
    ['a?b', 'a/b', false],
    ['[!a]', 'a', false],
    ['[^a]b', 'xb', true],
    ['[!a]', 'x/y', false],
    ['a[!b]c', 'a/c', false],
    ['[]a]', ']', true],
    ['[a-]x', '-x', true],
    ['[[:digit:]]*', '7up', true],
    ['[[:digit:]]*', 'up', false],
    ['{1..3}.sql', '2.sql', true],
    ['{01..10}.sql', '07.sql', true],
    ['{1..10..3}.sql', '5.sql', false],
    ['a{,/b}', 'a/b', true],
    ['{,x/}a', 'a', true],
    ['{a,{b,c/{d,e}}}/f', 'c/e/f', true],
    ['{**,x}/b', 'b', true],
    ['a/{**,b}', 'a', true],
    ['x{**,a}', 'x/b', false],
    ['\\*', 'a', false],
    ['a\\[b]*', 'a[b]c', true],
    // Only as an empty, '.' or '..' segment, which no path has.
    ['?', '[.]', false],
    ['a/??', 'a/[.][.]', false],
    ['{,a}x', '{,b}y', false],
    // A class is also its own text: a file of a framework that is still to be made.
    ['app/[id]/page.tsx', 'app/\\[id\\]/page.tsx', true],
    ['app/[[...slug]]/page.tsx', 'app/\\[\\[...slug\\]\\]/page.tsx', true],
    ['app/[id]/page.tsx', 'app/i/page.tsx', true],
  ])('%s and %s: %s', (one, other, expected) => {
    const [a, b] = [normalize(one), normalize(other)];
    expect(patternsOverlap(a, b)).toBe(expected);
    expect(patternsOverlap(b, a)).toBe(expected);
    if (expected) expect([isCandidate(a, b), isCandidate(b, a)]).toEqual([true, true]);
  });

  it('compares every two of the worst patterns, and forgets what it has kept', () => {
    const worst = [
      `${'*a'.repeat(120)}x`,
      `${'*b'.repeat(120)}y`,
      '*?'.repeat(120),
      `${'{**/,x}'.repeat(30)}y`,
      `${'{a,}'.repeat(60)}z`,
      `${'[!a]*'.repeat(30)}x`,
      `${'['.repeat(60)}*`,
      `*${'a'.repeat(370)}`,
      `[${Array.from({ length: 300 }, (_, index) => String.fromCodePoint(0x4e00 + 2 * index)).join('')}]*`,
    ].map((text) => normalize(text));
    for (const a of worst) {
      for (const b of worst) {
        expect(patternsOverlap(a, b)).toBe(patternsOverlap(b, a));
        expect(typeof patternCovers(a, b)).toBe('boolean');
      }
    }
    for (let index = 0; index < 2000; index += 1) normalize(`src/${index}/*`);
  });
});

describe('patternCovers', () => {
  it.each([
    ['src/**', 'src/*.ts', true],
    ['src/*.ts', 'src/**', false],
    ['src/**', 'src', true],
    ['src/a.ts', 'src/a.ts', true],
    ['src/a.ts', 'src/{a,b}.ts', false],
    ['src/{a,b}.ts', 'src/a.ts', true],
    ['{src,lib}/**', 'src/**', true],
    ['{src,lib}/*', '{lib,src}/*.ts', true],
    ['**', '*', true],
    ['*/**', '**', true],
    ['**/*.ts', 'src/**/*.ts', true],
    ['src/a/**', 'src/*', false],
    ['src/{a,b}/**', 'src/**', false],
    ['?*', '*', true],
    ['{a*,[!a]*}', '*', true],
    ['src/a/*', '{src}/a/*', false],
  ])('%s covers %s: %s', (outer, inner, expected) => {
    expect(patternCovers(normalize(outer), normalize(inner))).toBe(expected);
  });
});

describe('detectCaseFolding', () => {
  it('sees whether two spellings are one file', () => {
    const folder = createFolder();
    writeFileSync(join(folder, 'Probe'), '');
    expect(detectCaseFolding(folder)).toBe(existsSync(join(folder, 'pROBE')));
  });
});
