import { readFileSync, writeSync } from 'node:fs';
import {
  chooseDataDir,
  chooseGuard,
  chooseHookMode,
  type Environment,
  type GuardMode,
  homeFolder,
} from '../../config.js';
import type { HookEvent, HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { quoteText } from '../../text/quote-text.js';
import { findFormat, formats } from '../clients/formats/format-list.js';
import type { HookFormat, ToolUse } from '../definition/hook-format.js';
import { NO_OUTPUT } from '../definition/hook-output.js';
import { asFields } from '../definition/payload-fields.js';
import { createToolReader } from '../definition/read-tool.js';
import { PLUGIN_FLAG } from '../install/launcher/launcher-path.js';
import { askAboutFiles } from './ask-about-files.js';
import type { GuardAnswer } from './ask-guard.js';
import { openLateBeginnings } from './begin-later.js';
import { createLoneDecider, type LoneDecider } from './decide-alone.js';
import { findRunner, hasOwnHooks, hasSettingsHooks } from './find-runner.js';
import { readFlag, withFlags } from './read-flag.js';
import { resolveFiles } from './resolve-files.js';
import { listTeamEndpoints } from './team-endpoint.js';

/** Longest wait for the server before an agent's tool may go on, in ms. */
const TIMEOUT_MS = 1_500;
/** Files that are claimed well within that. */
const MANY_FILES = 200;
/** After a tool nothing is held up, and many files take longer, in ms. */
const PATIENT_TIMEOUT_MS = 4_000;
/** At the start of a session the client has just started the server: it is awaited this long, in ms. */
const BEGIN_TIMEOUT_MS = 6_000;
/** Pause between two looks for it, in ms. */
const LOOK_MS = 100;
/** Characters of a reason that is not ours. */
const MAX_REASON = 200;
/** Version of the request; the server understands all versions. */
const PROTOCOL = '1';
const EVENTS = [
  'pre-tool-use',
  'post-tool-use',
  'session-start',
  'session-end',
  'prompt-submit',
  'stop',
  'subagent-stop',
] satisfies HookEvent[];
const USAGE =
  `popstash hook ${EVENTS.join('|')} [--client ${formats.map(({ name }) => name).join('|')}] ` +
  '[--data-dir DIR] [--project NAME], with the payload of the hook on stdin\n';
const PASS: HookVerdict = { popstash: 'verdict', decision: 'pass' };

/**
 * `popstash hook …`: asks the running server about what an agent is about to do, and tells the client. It starts no
 * server, opens no database and imports next to nothing, since an editor's edit waits for it. Ends with code 0 except
 * for wrong usage; in `guarded` mode a request without a verdict is refused by a proper answer, never by a crash.
 */
export async function runHook(env: Environment, args: readonly string[]): Promise<void> {
  const [event = '', ...flags] = args;
  const client = findFormat(readFlag(flags, '--client') ?? formats[0].name);
  if (!isEvent(event) || !client) {
    process.stderr.write(USAGE);
    // Some clients take code 2 for a refusal.
    process.exitCode = event === '--help' ? 0 : 1;
    return;
  }
  const mode = chooseGuard(env);
  if (mode === 'off') return;
  const { stdout, stderr, code } = await answer(event, client, {
    mode,
    env: withFlags(env, flags),
    isOfPlugin: flags.includes(PLUGIN_FLAG),
  });
  if (stderr !== '') process.stderr.write(stderr);
  if (stdout !== '') writeSync(1, stdout);
  process.exit(code);
}

function isEvent(name: string): name is (typeof EVENTS)[number] {
  return EVENTS.some((event) => event === name);
}

interface HookSettings {
  mode: GuardMode;
  env: Environment;
  /** A plugin of the client has brought the hook. */
  isOfPlugin: boolean;
}

async function answer(event: HookEvent, client: HookFormat, { mode, env, isOfPlugin }: HookSettings) {
  let use: ToolUse = {};
  let verdict: HookVerdict;
  const alone = createLoneDecider({ event, mode, isHeard: (name) => isHeard(client, name, undefined) });
  try {
    const fields = asFields(JSON.parse(await readInput()));
    const runner = findRunner(client, fields, env);
    use = client.readPayload(event, fields, createToolReader(formats.map(({ tools }) => tools)));
    const folder = () => findFolder(env) ?? use.cwd ?? process.cwd();
    if (runner !== client && hasOwnHooks(runner, folder(), homeFolder(env))) return NO_OUTPUT;
    if (isOfPlugin && hasSettingsHooks(client, folder(), env)) return NO_OUTPUT;
    const asks =
      event === 'pre-tool-use' || event === 'post-tool-use' ? use.action !== undefined || use.tool !== undefined : true;
    verdict = asks ? await ask(event, client, runner.name, env, use, alone) : alone.addUnchecked(PASS, use.unchecked);
    if (event === 'session-start') {
      const { tellLostGuards } = await import('./speak-alone.js');
      verdict = tellLostGuards(verdict, folder(), env);
    }
  } catch (error) {
    const reason = quoteText(error instanceof Error ? error.message : String(error), MAX_REASON);
    process.stderr.write(`popstash hook ${event}: ${reason}\n`);
    const why = `the hook could not be read (${reason})`;
    verdict = event === 'session-start' ? await word(alone.decide(undefined, why), env) : alone.addUnchecked(PASS, why);
  }
  return client.writeVerdict(event, use.eventName, verdict);
}

async function ask(
  event: HookEvent,
  client: HookFormat,
  runner: string,
  env: Environment,
  { eventName, folder, perhaps, unchecked, ...use }: ToolUse,
  alone: LoneDecider,
): Promise<HookVerdict> {
  const dataDir = chooseDataDir(env);
  const late = openLateBeginnings(dataDir, use.session);
  const hears = isHeard(client, event, eventName);
  const isLater = hears && (event === 'prompt-submit' || event === 'post-tool-use') && !use.subagent;
  const begins = isLater && late.has();
  const { files, unread } = resolveFiles({ ...use, folder, perhaps }, env);
  const request: HookRequest = {
    popstash: 'hook',
    version: PROTOCOL,
    pid: process.pid,
    event,
    client: runner,
    ...use,
    hears,
    ...(begins && { begins }),
    // The folder that the client was opened in; its shell may be in another one.
    cwd: findFolder(env) ?? use.cwd ?? process.cwd(),
    project: env.POPSTASH_PROJECT,
    ...(use.files && { files }),
  };
  // A team's server may have to be asked by a process that is only started.
  const timeout = Math.max(timeoutOf(event, files.length), env.POPSTASH_URL ? PATIENT_TIMEOUT_MS : 0);
  const deadline = performance.now() + timeout;
  let reply: GuardAnswer;
  do {
    const endpoints = [...listEndpoints(dataDir, chooseHookMode(env)), ...listTeamEndpoints(env)];
    reply = await askAboutFiles(endpoints, request, { files }, deadline - performance.now());
  } while (reply === 'absent' && event === 'session-start' && (await pauseUntil(deadline)));
  if (typeof reply === 'object') {
    if (begins || event === 'session-start') late.remove();
    const [url] = unread;
    const unknown = url === undefined ? undefined : `${quoteText(url, MAX_REASON)} is the path of no file`;
    return alone.addUnchecked(reply, unchecked ?? unknown ?? reply.unchecked);
  }
  if (event === 'session-start') late.add();
  const why = reply === 'absent' ? 'its server does not run' : `its server gave no verdict within ${timeout} ms`;
  // A command that holds a patch is an edit.
  return await word(alone.decide(files.length > 0 ? 'edit' : use.action, why), env);
}

/** A verdict that no server has given, with the commands in it as they work here. */
async function word(verdict: HookVerdict, env: Environment): Promise<HookVerdict> {
  if (verdict.message === undefined) return verdict;
  const { wordVerdict } = await import('./speak-alone.js');
  return wordVerdict(verdict, env);
}

function timeoutOf(event: HookEvent, files: number): number {
  if (event === 'session-start') return BEGIN_TIMEOUT_MS;
  return event === 'pre-tool-use' && files <= MANY_FILES ? TIMEOUT_MS : PATIENT_TIMEOUT_MS;
}

/** Whether the client passes on to its agent what a verdict on this event says. */
function isHeard(client: HookFormat, event: HookEvent, eventName: string | undefined): boolean {
  const output = (verdict: HookVerdict) => client.writeVerdict(event, eventName, verdict).stdout;
  return output({ ...PASS, context: 'x' }) !== output(PASS);
}

/** @returns whether there is time left */
async function pauseUntil(deadline: number): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return performance.now() < deadline;
}

/** As any client tells it: some run the hooks of others, with the variables of both. */
function findFolder(env: Environment): string | undefined {
  const variable = formats.find(({ folderVariable }) => folderVariable && env[folderVariable])?.folderVariable;
  return variable && env[variable];
}

/** All of stdin: at once where the system allows it, which avoids loading streams. */
async function readInput(): Promise<string> {
  try {
    return readFileSync(0, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  return text;
}
