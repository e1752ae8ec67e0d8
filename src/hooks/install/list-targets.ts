import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { chooseDataDir, type Environment } from '../../config.js';
import { AppError } from '../../errors.js';
import { resolveProject } from '../../project/resolve-project.js';
import type { InstallRecord } from './change-files.js';
import { clientTargets } from './client-targets.js';
import { gitTargets } from './git-targets.js';
import { CLIENTS, type ClientName, type Invocation, type Target } from './install-types.js';
import { rulesTarget } from './rules-target.js';

/** All files of the current project that init writes, where their record is, and what the user should know. */
export function listTargets(
  env: Environment,
  script: string,
  clientNames: string | undefined,
  all: boolean,
): { targets: Target[]; place: string; notes: string[] } {
  const { worktree } = resolveProject(process.cwd(), undefined);
  const clients = all && clientNames === undefined ? [...CLIENTS] : chooseClients(clientNames, worktree);
  const start = findInvocation(env, script);
  const targets = [
    ...clients.flatMap((client) => clientTargets(client, worktree, homedir(), start)),
    ...gitTargets(worktree, start),
    ...(clients.includes('claude') ? [rulesTarget(join(worktree, 'CLAUDE.md'))] : []),
    ...(clients.some((client) => client !== 'claude') || existsSync(join(worktree, 'AGENTS.md'))
      ? [rulesTarget(join(worktree, 'AGENTS.md'))]
      : []),
  ];
  const name = createHash('sha256').update(worktree).digest('hex').slice(0, 16);
  return { targets, place: join(chooseDataDir(env), 'init', `${name}.json`), notes: listNotes(env, start) };
}

export function readRecord(place: string): InstallRecord {
  try {
    return JSON.parse(readFileSync(place, 'utf8')) as InstallRecord;
  } catch {
    return { files: {}, folders: [] };
  }
}

export function writeRecord(place: string, record: InstallRecord | null): void {
  if (record === null) {
    rmSync(place, { force: true });
    return;
  }
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  writeFileSync(place, `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** @throws AppError `invalid_argument` for a name that is no client's */
export function chooseClients(names: string | undefined, worktree: string): ClientName[] {
  if (names === undefined) {
    const isUsed = {
      claude: true,
      cursor: existsSync(join(worktree, '.cursor')),
      cline: existsSync(join(worktree, '.clinerules')),
    };
    return CLIENTS.filter((client) => isUsed[client]);
  }
  return names.split(',').map((name) => {
    const client = CLIENTS.find((known) => known === name.trim().toLowerCase());
    if (client) return client;
    throw new AppError({
      code: 'invalid_argument',
      message: `"${name.trim()}" is no client that init knows.`,
      fix: `Known: ${CLIENTS.join(', ')}. Others take the MCP entry of the README.`,
    });
  });
}

/** `popstash` where that is this very program, so that the files fit other machines too; else node and the script. */
function findInvocation(env: Environment, script: string): Invocation {
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

function isProgram(path: string, main: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return realpathSync(path) === main;
  } catch {
    return false;
  }
}

function listNotes(env: Environment, { program }: Invocation): string[] {
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
