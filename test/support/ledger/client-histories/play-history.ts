import { appendFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileChange, Strand } from './history.js';
import type { Random } from './random.js';

/**
 * Makes the changes of all strands, mixed at random, each strand in its own order.
 * @param look is called now and then between two changes; before a file is deleted and at the end it is needed
 */
export async function playHistory(
  strands: readonly Strand[],
  random: Random,
  look: (isNeeded: boolean) => Promise<void>,
): Promise<void> {
  const queues = strands.map((strand) => [...strand]);
  for (;;) {
    const open = queues.filter((queue) => queue.length > 0);
    if (open.length === 0) break;
    const change = random.pick(open).shift() as FileChange;
    if (change.kind === 'delete') await look(true);
    else if (random.chance(0.06)) await look(false);
    await makeChange(change);
  }
  await look(true);
}

async function makeChange(change: FileChange): Promise<void> {
  await mkdir(dirname(change.path), { recursive: true });
  switch (change.kind) {
    case 'append':
      await tick(change.path);
      return appendFile(change.path, change.text);
    case 'replace':
      // As editors do it: a reader meets the old or the new document, never half of one.
      await writeFile(`${change.path}.tmp`, change.text);
      return rename(`${change.path}.tmp`, change.path);
    case 'rename':
      await mkdir(dirname(change.to), { recursive: true });
      return rename(change.path, change.to);
    case 'delete':
      return rm(change.path, { force: true });
    case 'sql':
      return runSql(change.path, change.sql);
  }
}

/** Two files are never made in the same millisecond: which is older decides to whom a copied row belongs. */
let lastBirth = 0;

async function tick(path: string): Promise<void> {
  const isNew = await stat(path).then(
    () => false,
    () => true,
  );
  if (!isNew) return;
  while (Date.now() <= lastBirth + 1) await new Promise((resolve) => setImmediate(resolve));
  lastBirth = Date.now();
}

/** Whether this Node carries SQLite: opencode's histories need it. */
export async function hasSqlite(): Promise<boolean> {
  return importSqlite().then(
    () => true,
    () => false,
  );
}

interface SqliteModule {
  DatabaseSync: new (path: string) => { exec(sql: string): void; close(): void };
}

function importSqlite(): Promise<SqliteModule> {
  const name = 'node:sqlite';
  return import(name) as Promise<SqliteModule>;
}

/** Runs statements on a database, which is made if it is missing. */
export async function runSql(path: string, sql: string): Promise<void> {
  const { DatabaseSync } = await importSqlite();
  const database = new DatabaseSync(path);
  try {
    // Nothing here survives the test: waiting for the disk would be most of its time.
    database.exec(`PRAGMA synchronous = OFF; ${sql}`);
  } finally {
    database.close();
  }
}
