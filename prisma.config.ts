// For the Prisma CLI, a developer's tool: schema, migrations and drift (docs/decisions/prisma-owns-the-schema.md).
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// The CLI's own engine is a download; this one comes with `npm ci`. Set before the CLI looks for it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL('scripts/schema-engine.mjs', import.meta.url));
process.env.CHECKPOINT_DISABLE ??= '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://127.0.0.1:5432/popstash' },
});
