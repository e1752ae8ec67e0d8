import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { chooseDataDir, type Environment } from '../../config.js';
import type { Invocation } from './install-types.js';

/** `popstash` where that is this very program, so that the files fit other machines too; else node and the script. */
export function findInvocation(env: Environment, script: string): Invocation {
  const main = realpathSync(script);
  const onPath = (env.PATH ?? '').split(delimiter).some((folder) => isProgram(join(folder, 'popstash'), main));
  const { POPSTASH_DATA_DIR: dataDir, POPSTASH_PROJECT: project } = env;
  return {
    program: onPath ? ['popstash'] : [process.execPath, main],
    hook: onPath ? ['popstash', 'hook'] : [process.execPath, join(dirname(main), 'hook.cjs')],
    flags: [...(dataDir ? ['--data-dir', chooseDataDir(env)] : []), ...(project ? ['--project', project] : [])],
    env: { ...(dataDir && { POPSTASH_DATA_DIR: chooseDataDir(env) }), ...(project && { POPSTASH_PROJECT: project }) },
  };
}

/** What the user should know about it. */
export function listNotes(env: Environment, { program }: Invocation): string[] {
  const notes: string[] = [];
  if (program.some((word) => /[\\/]_npx[\\/]/.test(word))) {
    notes.push(
      'this popstash lies in the cache of npx, which is emptied now and then: install it (npm i -g popstash) and run init again.',
    );
  } else if (program.length > 1) {
    notes.push(
      'popstash is not on the PATH, so the files name it by its path on this machine; others who share them should run init themselves.',
    );
  }
  if (env.DATABASE_URL) notes.push('DATABASE_URL is not written into any file: set it where your clients start.');
  return notes;
}

function isProgram(path: string, main: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path) === main;
  } catch {
    return false;
  }
}
