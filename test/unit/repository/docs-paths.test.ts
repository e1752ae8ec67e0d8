// What the documentation names is there: files, folders, npm scripts, links.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listRepositoryFiles, ROOT, readRepositoryFile } from '../../support/setup/repository-files.js';

const files = listRepositoryFiles();
const documents = files.filter((path) => path.endsWith('.md'));
const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };

/** `src/jobs/<job>.ts` and `test/*.ts` stand for some file. */
const PATH = /^(src|prisma|workers|scripts|test|docs|bench|docker|\.github|\.ci)\/[\w./<>*{},-]*$/;
const FENCE = /^(```|~~~)[\s\S]*?^\1/gm;
const CODE = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;
const NPM_SCRIPT = /\bnpm run (?:-s |--silent )?([\w:-]+)/g;

describe.each(documents)('%s', (document) => {
  const text = readRepositoryFile(document);
  const prose = text.replace(FENCE, '');

  test('names only paths that exist', () => {
    const named = [...prose.matchAll(CODE)].flatMap(([, code = '']) => code.split(/[\s=]+/)).map(cutSuffix);
    expect(named.filter((path) => PATH.test(path) && !isThere(path))).toEqual([]);
  });

  test('names only what is in the file that it names', () => {
    const named = [...prose.matchAll(/`([\w.]+)` in `([\w./-]+\.\w+)`/g)];
    const missing = named.filter(([, name = '', path = '']) => !includesName(path, name));
    expect(missing.map(([text]) => text)).toEqual([]);
  });

  test('links only to files that exist', () => {
    const targets = [...prose.matchAll(LINK)].map(([, target = '']) => target);
    const local = targets.filter((target) => !/^(\w+:|#)/.test(target)).map((target) => target.replace(/#.*/, ''));
    expect(local.filter((target) => !existsSync(join(ROOT, dirname(document), target)))).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const named = [...text.matchAll(NPM_SCRIPT)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('comments refer only to documents that exist', () => {
  const sources = files.filter((path) => /\.(ts|mjs|cjs|sql|prisma|yml|json)$/.test(path) && !path.startsWith('test/'));
  const missing = sources.flatMap((path) =>
    [...readRepositoryFile(path).matchAll(/(?<![\w/.])docs\/[\w./-]+\.md\b/g)]
      .map(([document]) => document)
      .filter((document) => !existsSync(join(ROOT, document)))
      .map((document) => `${path}: ${document}`),
  );
  expect(missing).toEqual([]);
});

/** A line number or a full stop is no part of the path. */
function cutSuffix(word: string): string {
  return word.replace(/(:\d+.*|[.,;:]+)$/, '');
}

/** @param name `LIMITS.deadAfterSeconds` is there when both words are */
function includesName(path: string, name: string): boolean {
  if (!existsSync(join(ROOT, path))) return false;
  const text = readRepositoryFile(path);
  return name.split('.').every((word) => new RegExp(`\\b${word}\\b`).test(text));
}

function isThere(path: string): boolean {
  if (!/[<*{]/.test(path)) return existsSync(join(ROOT, path));
  const source = path
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/<[^>]*>/g, '[^/]+')
    .replace(/\*\*\/?/g, '.*')
    .replace(/(?<!\.)\*/g, '[^/]*')
    .replace(/\{([^}]*)\}/g, (_all, names: string) => `(${names.replaceAll(',', '|')})`);
  const pattern = new RegExp(path.endsWith('/') ? `^${source}` : `^${source}$`);
  return files.some((file) => pattern.test(file));
}
