import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { chooseClientPlaces, type Environment, setVariables } from '../../config.js';
import { wordError } from '../../word-error.js';
import type { ServerEntry } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { asFields } from '../definition/payload-fields.js';
import { type ChallengeAnswer, challengeHook } from './challenge-hook.js';
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

export type Proof = ChallengeAnswer & { isDenied: boolean };

/** One proof as a check. @param path the file with the command that was run */
export async function prove(name: string, path: string, fix: string, challenge: () => Promise<Proof>): Promise<Check> {
  try {
    const { isDenied, ms, stdout, stderr, code } = await challenge();
    if (isDenied) return { name, state: 'ok', detail: `DENIED in ${Math.round(ms)} ms, by the command in ${path}` };
    const said = (stdout.trim() || stderr.trim() || 'nothing').slice(0, 300);
    const detail = `the command in ${path} let a held file pass: it ended with code ${code} and said: ${said}`;
    return { name, state: 'broken', detail, fix: `Write it again (${fix}); the log is server.log in the data folder.` };
  } catch (error) {
    const reason = wordError(error);
    return {
      name,
      state: 'broken',
      detail: `the proof could not be made: ${reason}`,
      fix: 'Repair first what is broken above.',
    };
  }
}

/** This program's own server, where no client's files name one. */
export function ownServer({ script }: ProofPlace): ServerEntry {
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
  const sample = asFields(JSON.parse(JSON.stringify(client.samplePayload('', '', ''))));
  const { eventName } = client.readPayload('pre-tool-use', sample, () => ({}));
  return client.writeVerdict('pre-tool-use', eventName, verdict).stdout === stdout;
}

/** A path as people of the project know it. */
export function shorten(text: string, worktree: string): string {
  const inside = relative(worktree, text);
  if (text.startsWith('/') && !text.includes(' ') && !inside.startsWith('..')) return inside;
  return text.replaceAll(`${worktree}/`, '');
}
