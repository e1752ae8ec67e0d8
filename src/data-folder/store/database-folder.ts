import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logger.js';

/** Of the prebuilt database: see scripts/build-template.mjs. */
interface TemplateManifest {
  /** The major version of PostgreSQL that made it. */
  postgresVersion: number;
}

const COPYING = 'database.copying-';
const OF_THE_DISK = /^(ENOSPC|EDQUOT|EROFS|EIO)$/;

/** Where a data folder keeps its database. */
export function databaseFolder(dataDir: string): string {
  return join(dataDir, 'database');
}

/**
 * Makes the database of a data folder that has none: unpacked from the migrated one that ships with the package, since making
 * one takes 5 to 10 s; without that one, opening makes it. The caller owns the data folder, and knows that nothing is there.
 * @throws Error with the system's code where the disk has no room for it
 */
export async function makeDatabaseFolder(dataDir: string, packageRoot: string, logger: Logger): Promise<void> {
  const folder = databaseFolder(dataDir);
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(COPYING)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  try {
    await unpackTemplate(templateFolder(packageRoot), join(dataDir, `${COPYING}${process.pid}`), folder);
  } catch (error) {
    // Making one would fail alike, only later.
    if (OF_THE_DISK.test(String((error as NodeJS.ErrnoException).code))) {
      await rm(join(dataDir, `${COPYING}${process.pid}`), { recursive: true, force: true });
      throw error;
    }
    logger.warn({ err: error }, 'no prebuilt database folder: making one');
    await mkdir(folder, { recursive: true });
  }
}

/** The major version of PostgreSQL that this package has. */
export async function readOwnVersion(packageRoot: string): Promise<number> {
  try {
    return (await readManifest(templateFolder(packageRoot))).postgresVersion;
  } catch {
    return PG_VERSION;
  }
}

/** Of the PGlite that is installed, where no prebuilt database tells it. */
const PG_VERSION = 18;

/** PGlite makes its files readable for all, and the data folder may be one that a person made. */
export async function makePrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700);
}

/** The data folder has had a database: one that is missing was not simply never there. */
export async function markMade(dataDir: string): Promise<void> {
  await writeFile(join(dataDir, MADE), '', { mode: 0o600 });
}

export function wasMade(dataDir: string): boolean {
  return existsSync(join(dataDir, MADE));
}

/** Below the data folder. */
const MADE = 'store.made';

function templateFolder(packageRoot: string): string {
  return join(packageRoot, 'dist', 'embedded-template');
}

async function readManifest(template: string): Promise<TemplateManifest> {
  return JSON.parse(await readFile(join(template, 'manifest.json'), 'utf8')) as TemplateManifest;
}

/** All or nothing: a folder half unpacked never gets the name. */
async function unpackTemplate(template: string, temporary: string, folder: string): Promise<void> {
  const { extract } = await import('tar');
  await mkdir(temporary, { recursive: true });
  // The files belong to this user, also to root; what can't be written is an error, not a warning. Times of files would take
  // a third more, and nothing reads them.
  await extract({
    file: join(template, 'database.tar.gz'),
    cwd: temporary,
    preserveOwner: false,
    noMtime: true,
    strict: true,
  });
  await rename(temporary, folder);
}
