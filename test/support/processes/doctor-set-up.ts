import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clients } from '../../../src/hooks/clients/client-list.js';
import { checkDenials } from '../../../src/hooks/doctor/check-denials.js';
import { proveHooks } from '../../../src/hooks/doctor/prove-deny.js';
import { GUARD_PROOFS, proveGuard } from '../../../src/hooks/doctor/prove-guards.js';
import type { Check } from '../../../src/hooks/doctor/run-check.js';
import { findGitFolders } from '../../../src/hooks/guards/git-folders.js';
import { locateProject } from '../../../src/project/locate-project.js';
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
  /**
   * What doctor proves of each client and of git.
   * @param below the folder that clients are opened in @param wanted the one proof that is made; all, if left out
   */
  prove(below?: string, wanted?: string): Promise<{ states: Record<string, string>; details: Record<string, string> }>;
}

/** What init writes for these clients, made once; it names no folder of the set-up. */
const templates = new Map<string, Promise<{ folder: string; home: string }>>();

async function createTemplate(dataFolder: string, clients: string) {
  const folder = realpathSync(createFolder());
  const home = realpathSync(createFolder());
  const env = childEnvironment({ HOME: home, POPSTASH_DATA_DIR: dataFolder });
  if (clients === ALL_CLIENTS) execFileSync('git', ['init', '-q', folder]);
  const init = await runCommand(['init', '--client', clients, '--yes'], { cwd: folder, env });
  if (init.code !== 0 || init.stderr !== '') throw new Error(`popstash init: ${init.stderr}`);
  return { folder, home };
}

/** @param clients all of them in a git repository, or some in a plain folder, which takes less time to prove */
export async function createSetUp(dataFolder: string, clients = ALL_CLIENTS): Promise<SetUp> {
  const template = templates.get(clients) ?? createTemplate(dataFolder, clients);
  templates.set(clients, template);
  const folder = realpathSync(createFolder());
  const home = realpathSync(createFolder());
  cpSync((await template).folder, folder, { recursive: true });
  cpSync((await template).home, home, { recursive: true });
  const env = childEnvironment({ HOME: home, POPSTASH_DATA_DIR: dataFolder });
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
    async prove(below = '.', wanted?: string) {
      const states: Record<string, string> = {};
      const details: Record<string, string> = {};
      const opened = join(folder, below);
      const one = wanted === undefined ? null : await proveOne(env, opened, wanted);
      for await (const check of one === null ? checkDenials(env, MAIN, opened) : [one]) {
        states[check.name] = check.state;
        details[check.name] = check.detail;
      }
      return { states, details };
    },
  };
}

/** One of the proofs; null where there is none by this name. */
async function proveOne(env: Record<string, string>, folder: string, name: string): Promise<Check | null> {
  const { worktree } = locateProject(folder, undefined);
  const place = { env, script: MAIN, folder, worktree };
  const client = clients.find((each) => name === `${each.name} deny`);
  if (client) return proveHooks(client, place, 'popstash init');
  const proof = GUARD_PROOFS.find((each) => each.name === name);
  const folders = findGitFolders(worktree);
  return proof && folders ? proveGuard(place, folders, proof) : null;
}
