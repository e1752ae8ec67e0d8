import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { checkDenials } from '../../../src/hooks/doctor/check-denials.js';
import { childEnvironment, type EnvironmentChange } from '../setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../setup/folders.js';
import { type HookedClient, startHookedClient } from './hooked-client.js';
import { runCommand } from './processes.js';

let dataFolder: string | undefined;

/** A repository of a team, with the hooks that it is given, in a home of its own. @param change of its environment */
export function createTeam(files: Record<string, string> = {}, change: EnvironmentChange = {}) {
  dataFolder ??= createDataFolder();
  const folder = realpathSync(createFolder());
  const home = realpathSync(createFolder('ps-home-'));
  const env = childEnvironment({ POPSTASH_DATA_DIR: dataFolder, HOME: home, ...change });
  const sh = (command: string, cwd = folder) => {
    try {
      const options = { cwd, env, stdio: 'pipe', encoding: 'utf8' } as const;
      return { code: 0, said: execFileSync('/bin/sh', ['-c', `${command} 2>&1`], options) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, said: stdout };
    }
  };
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  };
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  sh('git init -q -b main && git config user.name T && git config user.email t@example.invalid');
  for (const [path, text] of Object.entries({ 'src/held.ts': 'one\n', '.gitignore': 'node_modules\n', ...files }))
    write(path, text);
  sh('git add -A && git commit -qnm first');
  const init = async (args: string[] = [], cwd = folder) => {
    const answer = await runCommand(['init', '--yes', '--client', 'claude', ...args], { cwd, env });
    expect(answer.code, answer.stdout + answer.stderr).toBe(0);
    return answer.stdout;
  };
  const undo = async (cwd = folder) => (await runCommand(['init', '--undo', '--yes'], { cwd, env })).stdout;
  /** The state of each proof of doctor, by its name. */
  const prove = async () => {
    const states: Record<string, string> = {};
    for await (const check of checkDenials(env, MAIN, folder)) states[check.name] = `${check.state} ${check.detail}`;
    return states;
  };
  return { folder, home, env, sh, write, read, init, undo, prove };
}

export type Team = ReturnType<typeof createTeam>;

/** Files, links and modes of a worktree and of what git shares, but for git's own. */
export function readTree({ folder }: Team): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      !/^node_modules/.test(path) && (!path.startsWith('.git/') || /^\.git\/(hooks|popstash|config$|info)/.test(path)),
  );
  return Object.fromEntries(
    files.map((path) => {
      const full = join(folder, path);
      if (lstatSync(full).isSymbolicLink()) return [path, `link ${readlinkSync(full)}`];
      const stat = statSync(full);
      return [path, stat.isDirectory() ? 'folder' : `${stat.mode} ${readFileSync(full, 'utf8')}`];
    }),
  );
}

/** Another agent holds src/held.ts: what an agent's commit of it in this folder says. */
export async function tryCommit({ env, folder }: Team, cwd = folder, how = 'git commit -qam x') {
  const options = { env, cwd };
  const [holder, other]: HookedClient[] = await Promise.all([
    startHookedClient(options),
    startHookedClient({ ...options, name: 'cursor-vscode' }),
  ]);
  await holder?.call('start_task', { task: 'Hold it', files: ['src/held.ts'] });
  await other?.hook('session-start');
  const answer = await other?.act(`echo x >> src/held.ts && ${how}`, cwd);
  await other?.act('git reset -q --hard; rm -f ran.log', cwd);
  await Promise.all([holder?.close(), other?.close()]);
  return { isRefused: answer?.code !== 0, said: `${answer?.stdout}${answer?.stderr}` };
}

/** What `tryCommit` gives where the guard is in force. */
export const refusal = { isRefused: true, said: expect.stringContaining('PopStash refuses this commit') };
/** What an agent is told when its session begins, and what `popstash status` prints. */
export const readWarnings = async ({ env, folder }: Team) => {
  const client = await startHookedClient({ env, cwd: folder });
  const { said } = await client.hook('session-start');
  await client.close();
  const status = await runCommand(['status'], { env, cwd: folder });
  return [said.hookSpecificOutput.additionalContext as string, status.stdout];
};
/** In these, where git's guards are gone. */
export const GONE = /git guards are gone \(.*pre-commit/;
