import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../logger.js';

/** The prebuilt folder: see scripts/build-template.mjs. */
export interface TemplateManifest {
  /** Folders that hold nothing: packing a package drops them. */
  emptyFolders: string[];
}

const COPYING = 'database.copying-';

/**
 * Where a data folder keeps its database. Before the first start it is copied from the migrated one that ships with the
 * package, since making one takes 5 to 10 s; without that one, opening makes it. The caller owns the data folder.
 */
export async function prepareDatabaseFolder(dataDir: string, packageRoot: string, logger: Logger): Promise<string> {
  const folder = join(dataDir, 'database');
  if (existsSync(join(folder, 'PG_VERSION'))) return folder;
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(COPYING)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  try {
    await copyTemplate(
      join(packageRoot, 'dist', 'embedded-template'),
      join(dataDir, `${COPYING}${process.pid}`),
      folder,
    );
  } catch (error) {
    logger.warn({ err: error }, 'no prebuilt database folder: making one');
    await mkdir(folder, { recursive: true });
  }
  // PGlite makes its files readable for all, and the data folder may be one that a person made.
  await chmod(folder, 0o700);
  return folder;
}

/** All or nothing: a folder half copied never gets the name. */
async function copyTemplate(template: string, temporary: string, folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(template, 'manifest.json'), 'utf8')) as TemplateManifest;
  await cp(join(template, 'database'), temporary, { recursive: true });
  for (const name of manifest.emptyFolders) await mkdir(join(temporary, name), { recursive: true });
  await rename(temporary, folder);
}
