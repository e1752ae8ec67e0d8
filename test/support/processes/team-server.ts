import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentChange } from '../setup/environment.js';
import { createDataFolder, createFolder } from '../setup/folders.js';
import { git } from '../setup/repositories.js';
import { type RunningProcess, runCommand, spawnCommand } from './processes.js';

export interface TeamServer {
  url: string;
  process: RunningProcess;
}

/** Starts `popstash serve --http` on a free port of loopback. @param env with DATABASE_URL */
export async function startTeamServer(env: EnvironmentChange): Promise<TeamServer> {
  const process = spawnCommand(['serve', '--http', '--port', '0'], { env });
  const line = await process.untilStderr(/PopStash for a team: http/);
  return { url: /https?:\/\/[^;\s]+/.exec(line)?.[0] ?? '', process };
}

/** Makes a token for a person, as who runs the server does. */
export async function createToken(env: EnvironmentChange, person: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(['tokens', 'create', person, '--json', ...flags], { env });
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { token: string }).token;
}

/** A machine of a member: a home, a data folder and a clone of its own. */
export interface Machine {
  env: EnvironmentChange;
  clone: string;
}

/** @param origin repository that is cloned */
export async function setUpMachine(
  server: EnvironmentChange,
  url: string,
  person: string,
  origin: string,
): Promise<Machine> {
  const home = realpathSync(createFolder('ps-home-'));
  const clone = join(realpathSync(createFolder(`ps-${person}-`)), 'app');
  git(home, 'clone', '-q', origin, clone);
  git(clone, 'config', 'user.name', person);
  git(clone, 'config', 'user.email', `${person}@example.invalid`);
  const env = {
    POPSTASH_URL: url,
    POPSTASH_TOKEN: await createToken(server, person),
    POPSTASH_DATA_DIR: createDataFolder(),
    HOME: home,
  };
  return { env, clone };
}
