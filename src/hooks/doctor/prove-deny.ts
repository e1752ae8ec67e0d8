import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { chooseClientPlaces, type Environment, setVariables } from '../../config.js';
import type { ServerEntry } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { type ChallengeAnswer, challengeHook } from './challenge-hook.js';
import { findGuards } from './find-guards.js';
import { findHooks } from './find-hooks.js';
import { findServerEntry } from './find-server-entry.js';
import type { Check } from './run-check.js';

/** Where and with what the proofs are made. */
export interface ProofPlace {
  env: Environment;
  /** This program's script: starts the server where a client's files name none. */
  script: string;
  /** The folder that the clients are opened in. */
  folder: string;
  worktree: string;
}

/**
 * Runs the commands that a client runs before an edit, as its own files name them and with its environment, about a file
 * that another agent holds: they must refuse it.
 * @param fix the command that installs them
 */
export async function proveHooks(client: ClientDefinition, place: ProofPlace, fix: string): Promise<Check> {
  const name = `${client.name} deny`;
  const { folder, worktree, env } = place;
  const home = chooseClientPlaces(env).home;
  const places = { folder, home, variables: env };
  const { hooks, faults, variables } = findHooks(client, 'pre-tool-use', places);
  const server = findServerEntry(client, worktree, places);
  if (hooks.length === 0 || server?.fault !== undefined) {
    const isElsewhere =
      faults.length === 0 && findHooks(client, 'pre-tool-use', { ...places, folder: worktree }).hooks.length > 0;
    if (server?.fault !== undefined)
      faults.push(`${server.path}: ${client.title} does not start PopStash: ${server.fault}`);
    const off = faults.map((fault) => shorten(fault, worktree)).join('; ');
    const detail =
      off ||
      (isElsewhere
        ? `${client.title} opened in ${folder} does not read the hooks of ${worktree}: nothing is denied there`
        : `${client.title} runs no hook of PopStash here: nothing is denied`);
    return {
      name,
      state: 'broken',
      detail,
      fix: off ? `Undo that, or run: ${fix}` : isElsewhere ? `${fix} --user` : fix,
    };
  }
  const variable = client.folderVariable;
  const given = { ...setVariables(env), ...variables, ...(variable && { [variable]: folder }) };
  let check: Check | undefined;
  // The client runs all of them, and one denial is enough.
  for (const hook of hooks) {
    check = await prove(name, shorten(hook.path, worktree), fix, async () => {
      const answer = await challengeHook({
        server: server ?? ownServer(place),
        command: hook.command,
        folder,
        input: (file) => JSON.stringify(client.samplePayload(file, folder, `doctor-${process.pid}`)),
        env: given,
      });
      return { ...answer, isDenied: isDenial(client, answer) };
    });
    if (check.state === 'ok') return check;
  }
  return check ?? { name, state: 'broken', detail: 'no hook was tried', fix };
}

/** Runs the guard of git's hooks about a staged file that another agent holds, in a scratch repository: it must refuse it. */
export async function proveGuards(place: ProofPlace): Promise<Check> {
  const name = 'commit deny';
  const fix = 'popstash init';
  const { guard, faults } = findGuards(place.worktree, 'pre-commit');
  if (!guard || faults.length > 0) {
    const detail =
      faults.map((fault) => shorten(fault, place.worktree)).join('; ') ||
      'no hook of git asks PopStash before a commit';
    return { name, state: 'broken', detail, fix };
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'popstash-doctor-')));
  const file = 'held.txt';
  try {
    execFileSync('git', ['init', '-q', folder], { stdio: 'ignore' });
    writeFileSync(join(folder, file), 'held\n');
    execFileSync('git', ['-C', folder, 'add', file], { stdio: 'ignore' });
    return await prove(name, shorten(guard.path, place.worktree), fix, async () => {
      const challenge = { server: ownServer(place), command: guard.command, folder, file, input: () => '' };
      const answer = await challengeHook({ ...challenge, env: setVariables(place.env) });
      return { ...answer, isDenied: answer.code !== 0 && `${answer.stdout}${answer.stderr}`.includes(answer.holder) };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Proof = ChallengeAnswer & { isDenied: boolean };

async function prove(name: string, path: string, fix: string, challenge: () => Promise<Proof>): Promise<Check> {
  try {
    const { isDenied, ms, stdout, stderr, code } = await challenge();
    if (isDenied) return { name, state: 'ok', detail: `DENIED in ${Math.round(ms)} ms, by the command in ${path}` };
    const said = (stdout.trim() || stderr.trim() || 'nothing').slice(0, 300);
    const detail = `the command in ${path} let a held file pass: it ended with code ${code} and said: ${said}`;
    return { name, state: 'broken', detail, fix: `Write it again (${fix}); the log is server.log in the data folder.` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      name,
      state: 'broken',
      detail: `the proof could not be made: ${reason}`,
      fix: 'Repair first what is broken above.',
    };
  }
}

function ownServer({ script }: ProofPlace): ServerEntry {
  return { command: process.execPath, args: [realpathSync(script), 'mcp'] };
}

/** Whether a hook printed a denial in its client's own format, with a message that names the holder. */
function isDenial(client: ClientDefinition, { stdout, holder }: ChallengeAnswer): boolean {
  let message: string | undefined;
  try {
    JSON.parse(stdout, (_key, value: unknown) => {
      if (typeof value === 'string' && value.includes(holder)) message = value;
      return value;
    });
  } catch {
    return false;
  }
  if (message === undefined) return false;
  const verdict = { popstash: 'verdict', decision: 'deny', message } as const;
  // The sample payload's event has the client's own name for it.
  const [eventName] = client.hooks.filter(({ event }) => event === 'pre-tool-use').map(({ name }) => name);
  return client.writeVerdict('pre-tool-use', eventName, verdict).stdout === stdout;
}

/** A path as people of the project know it. */
function shorten(text: string, worktree: string): string {
  const inside = relative(worktree, text);
  if (text.startsWith('/') && !text.includes(' ') && !inside.startsWith('..')) return inside;
  return text.replaceAll(`${worktree}/`, '');
}
