// @ts-check
// node scripts/generate-client.mjs: makes Prisma Client, src/generated/prisma, from prisma/schema.prisma, when it is not
// there or was made from another schema. The build, `npm run typecheck` and the tests call it: npm runs no scripts after
// an install here.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const client = join(root, 'src', 'generated', 'prisma');
/** What the client was made from. */
const stamp = join(client, '.made-from');

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) generateClient();

/** @throws Error with Prisma's own words when the schema can't be read */
export function generateClient() {
  const key = hashInputs();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  rmSync(client, { recursive: true, force: true });
  const cli = join(root, 'node_modules', 'prisma', 'build', 'index.js');
  execFileSync(process.execPath, [cli, 'generate'], { cwd: root, stdio: 'pipe' });
  writeFileSync(stamp, key);
}

function hashInputs() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'prisma', 'package.json'), 'utf8'));
  const schema = readFileSync(join(root, 'prisma', 'schema.prisma'));
  return createHash('sha256').update(version).update(schema).digest('hex');
}
