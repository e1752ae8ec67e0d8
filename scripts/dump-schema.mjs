// @ts-check
// npm run schema:dump: writes prisma/schema.sql, what all migrations together make. test/integration/schema-files.test.ts
// compares it with a migrated database.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpSchema } from './migrations/dump-schema.mjs';
import { openScratchDatabase, readMigrations } from './migrations/scratch-database.mjs';

/** npm runs scripts in the folder of package.json. */
const root = process.cwd();
const database = await openScratchDatabase();
try {
  for (const { sql } of readMigrations(root)) await database.query(sql);
  writeFileSync(join(root, 'prisma', 'schema.sql'), await dumpSchema(database.query));
  console.log('prisma/schema.sql');
} finally {
  await database.close();
}
