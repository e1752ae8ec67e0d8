import { statSync } from 'node:fs';
import { chooseDataDir, chooseMode, type Environment, isOfTeam } from '../../config.js';
import { describeFolderFault } from '../../ipc/make-data-folder.js';
import { parseConfig } from '../../parse-config.js';
import { checkMember } from './check-member.js';

/** Commands that say themselves what is wrong, or that must work all the same. */
const UNCHECKED = new Set(['completion', 'doctor', 'guard', 'hook', 'mcp', 'serve', 'version', 'worker']);
/** Commands that need the data folder alone: they are wanted when something is wrong. */
const OF_DATA_FOLDER = new Set(['down', 'logs']);

/**
 * Looks at the settings before a command runs, so that what is wrong with them is told as such.
 * @param words of the command, without `popstash`
 * @throws AppError `invalid_argument` naming the variable, the data folder, or what a member of a team can't do here
 */
export function checkSettings(env: Environment, words: string): void {
  const [command = ''] = words.split(' ');
  if (UNCHECKED.has(command)) return;
  const isOfFolder = OF_DATA_FOLDER.has(command);
  const dataDir = isOfFolder ? chooseDataDir(env) : parseConfig(env).dataDir;
  if (isOfTeam(env)) checkMember(env, words);
  if (isOfFolder || chooseMode(env) === 'embedded') checkDataFolder(dataDir);
}

function checkDataFolder(dataDir: string): void {
  try {
    const found = statSync(dataDir, { throwIfNoEntry: false });
    if (found && !found.isDirectory()) throw Object.assign(new Error('a file'), { code: 'EEXIST' });
  } catch (error) {
    throw describeFolderFault(dataDir, error);
  }
}
