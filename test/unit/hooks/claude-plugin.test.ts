// The plugin for Claude Code, as it is in this repository.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderPlugin } from '../../../scripts/render-plugin.js';
import { ROOT } from '../../support/setup/repository-files.js';

function readFiles(folder: string): Record<string, string> {
  const paths = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(folder, path),
  );
  const files = paths.filter((path) => statSync(join(ROOT, path)).isFile());
  return Object.fromEntries(files.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(ROOT, path), 'utf8')]));
}

const rendered = renderPlugin(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

test('is what its script writes; if this fails: node scripts/build-plugin.mjs', () => {
  expect({ ...readFiles('plugin'), ...readFiles('.claude-plugin') }).toEqual(rendered);
});

test('names nothing of a machine', () => {
  for (const text of Object.values(rendered)) expect(text).not.toContain(ROOT);
});
