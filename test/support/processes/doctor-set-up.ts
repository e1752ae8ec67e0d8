import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkDenials } from '../../../src/hooks/doctor/check-denials.js';
import { childEnvironment } from '../setup/environment.js';
import { createFolder, MAIN } from '../setup/folders.js';
import { runCommand } from './processes.js';

/** Clients that a set-up has files for. */
export const ALL_CLIENTS = 'claude,cursor,cline';
/** Where init writes the hooks of each. */
export const CLAUDE = '.claude/settings.json';
export const CURSOR = '.cursor/hooks.json';
export const CLINE = '.clinerules/hooks/PreToolUse';

export interface SetUp {
  /** With the files of init. */
  folder: string;
  /** With a home of its own. */
  env: Record<string, string>;
  /** Changes a file. @param path below the folder */
  edit(path: string, change: (text: string) => string): void;
  write(path: string, text: string): void;
  /** Writes a file below the home folder. */
  writeHome(path: string, text: string): void;
  /** What doctor proves of each client and of git. @param below the folder that clients are opened in */
  prove(below?: string): Promise<{ states: Record<string, string>; details: Record<string, string> }>;
}

/** @param clients all of them in a git repository, or some in a plain folder, which takes less time to prove */
export async function createSetUp(dataFolder: string, clients = ALL_CLIENTS): Promise<SetUp> {
  const folder = realpathSync(createFolder());
  const home = realpathSync(createFolder());
  const env = childEnvironment({ HOME: home, POPSTASH_DATA_DIR: dataFolder });
  if (clients === ALL_CLIENTS) execFileSync('git', ['init', '-q', folder]);
  const init = await runCommand(['init', '--client', clients, '--yes'], { cwd: folder, env });
  if (init.code !== 0 || init.stderr !== '') throw new Error(`popstash init: ${init.stderr}`);
  const writeBelow = (root: string) => (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return {
    folder,
    env,
    edit: (path, change) => writeFileSync(join(folder, path), change(readFileSync(join(folder, path), 'utf8'))),
    write: writeBelow(folder),
    writeHome: writeBelow(home),
    async prove(below = '.') {
      const states: Record<string, string> = {};
      const details: Record<string, string> = {};
      for await (const check of checkDenials(env, MAIN, join(folder, below))) {
        states[check.name] = check.state;
        details[check.name] = check.detail;
      }
      return { states, details };
    },
  };
}
