// Writes docs/tools.md from the tools' own definitions; a test fails while it is out of date.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundle = await build({
  stdin: {
    contents: `
      import { tools } from './src/mcp/tools/tool-list.ts';
      import { renderToolDocs } from './scripts/render-tool-docs.ts';
      export const page = renderToolDocs(tools);
    `,
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
await stop();
const source = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { page } = await import(`data:text/javascript;base64,${source}`);
writeFileSync(join(root, 'docs', 'tools.md'), page);
