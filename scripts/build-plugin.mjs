// @ts-check
// Writes plugin/ and .claude-plugin/ (the plugin for Claude Code and its marketplace file) from the client's definition; a
// test fails while they are out of date.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundle = await build({
  stdin: { contents: "export { renderPlugin } from './scripts/render-plugin.ts';", resolveDir: root, loader: 'ts' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  write: false,
});
const source = Buffer.from(bundle.outputFiles[0]?.contents ?? []).toString('base64');
const { renderPlugin } = await import(`data:text/javascript;base64,${source}`);
const files = renderPlugin(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
for (const folder of ['plugin', '.claude-plugin']) rmSync(join(root, folder), { recursive: true, force: true });
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
