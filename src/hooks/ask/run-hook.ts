import { readFileSync, writeSync } from 'node:fs';
import { chooseDataDir, chooseGuard, chooseMode, type Environment, type GuardMode } from '../../config.js';
import type { HookEvent, HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { clients, findClient } from '../clients/client-list.js';
import type { ClientDefinition, ToolUse } from '../definition/define-client.js';
import { asFields } from '../definition/payload-fields.js';
import { createToolReader } from '../definition/read-tool.js';
import { askGuard, type GuardAnswer } from './ask-guard.js';
import { readFlag } from './read-flag.js';
import { tellLostGuards } from './tell-lost-guards.js';

/** Longest wait for the server before an agent's tool may go on, in ms. */
const TIMEOUT_MS = 1_500;
/** After a tool nothing is held up, in ms. */
const PATIENT_TIMEOUT_MS = 4_000;
/** At the start of a session the client has just started the server: it is awaited this long, in ms. */
const BEGIN_TIMEOUT_MS = 6_000;
/** Pause between two looks for it, in ms. */
const LOOK_MS = 100;
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
  `popstash hook ${EVENTS.join('|')} [--client ${clients.map(({ name }) => name).join('|')}] ` +
  '[--data-dir DIR] [--project NAME], with the payload of the hook on stdin\n';
const PASS: HookVerdict = { popstash: 'verdict', decision: 'pass' };

/**
 * `popstash hook …`: asks the running server about what an agent is about to do, and tells the client. It starts no
 * server, opens no database and imports next to nothing, since an editor's edit waits for it. Ends with code 0 except
 * for wrong usage; in `guarded` mode a request without a verdict is refused by a proper answer, never by a crash.
 */
export async function runHook(env: Environment, args: readonly string[]): Promise<void> {
  const [event = '', ...flags] = args;
  const client = findClient(readFlag(flags, '--client') ?? clients[0].name);
  if (!isEvent(event) || !client) {
    process.stderr.write(USAGE);
    // Some clients take code 2 for a refusal.
    process.exitCode = event === '--help' ? 0 : 1;
    return;
  }
  const mode = chooseGuard(env);
  if (mode === 'off') return;
  const { stdout, stderr, code } = await answer(event, client, mode, withFlags(env, flags));
  if (stderr !== '') process.stderr.write(stderr);
  if (stdout !== '') writeSync(1, stdout);
  process.exit(code);
}

function isEvent(name: string): name is (typeof EVENTS)[number] {
  return EVENTS.some((event) => event === name);
}

async function answer(event: HookEvent, client: ClientDefinition, mode: GuardMode, env: Environment) {
  let use: ToolUse = {};
  let verdict: HookVerdict;
  try {
    const readTool = createToolReader(clients.map(({ tools }) => tools));
    use = client.readPayload(event, asFields(JSON.parse(await readInput())), readTool);
    const asks =
      event === 'pre-tool-use' || event === 'post-tool-use' ? use.action !== undefined || use.tool !== undefined : true;
    verdict = asks ? await ask(event, client, mode, env, use) : PASS;
    if (event === 'session-start') verdict = tellLostGuards(verdict, findFolder(env) ?? use.cwd ?? process.cwd());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`popstash hook ${event}: ${reason}\n`);
    verdict = decideAlone(event, mode, 'edit', `the hook could not be read (${reason})`);
  }
  return client.writeVerdict(event, use.eventName, verdict);
}

async function ask(
  event: HookEvent,
  client: ClientDefinition,
  mode: GuardMode,
  env: Environment,
  { eventName, ...use }: ToolUse,
): Promise<HookVerdict> {
  const request: HookRequest = {
    popstash: 'hook',
    version: PROTOCOL,
    pid: process.pid,
    event,
    client: client.name,
    ...use,
    hears: isHeard(client, event, eventName),
    // The folder that the client was opened in; its shell may be in another one.
    cwd: findFolder(env) ?? use.cwd ?? process.cwd(),
    project: env.POPSTASH_PROJECT,
    files: use.files?.map((file) => fromFolder(use.cwd, file)),
  };
  const timeout = timeoutOf(event);
  const deadline = performance.now() + timeout;
  let reply: GuardAnswer;
  do {
    const endpoints = listEndpoints(chooseDataDir(env), chooseMode(env));
    reply = await askGuard(endpoints, request, deadline - performance.now());
  } while (reply === 'absent' && event === 'session-start' && (await pauseUntil(deadline)));
  if (typeof reply === 'object') return reply;
  const why = reply === 'absent' ? 'its server does not run' : `its server gave no verdict within ${timeout} ms`;
  return decideAlone(event, mode, use.action, why);
}

function timeoutOf(event: HookEvent): number {
  if (event === 'session-start') return BEGIN_TIMEOUT_MS;
  return event === 'pre-tool-use' ? TIMEOUT_MS : PATIENT_TIMEOUT_MS;
}

/** Whether the client passes on to its agent what a verdict on this event says. */
function isHeard(client: ClientDefinition, event: HookEvent, eventName: string | undefined): boolean {
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
  const variable = clients.find(({ folderVariable }) => folderVariable && env[folderVariable])?.folderVariable;
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

/** The verdict where the server gives none. */
function decideAlone(event: HookEvent, mode: GuardMode, action: ToolUse['action'], why: string): HookVerdict {
  if (event === 'session-start') return { popstash: 'verdict', decision: 'tell', message: beginLater(why) };
  if (mode !== 'guarded' || event !== 'pre-tool-use' || action !== 'edit') return PASS;
  return {
    popstash: 'verdict',
    decision: 'deny',
    message:
      `PopStash can't tell whether this file is free: ${why}. POPSTASH_GUARD is "guarded", so the edit is refused. ` +
      'Call the popstash tool ping, then try again; if it stays so, ask the user to run popstash doctor.',
  };
}

function beginLater(why: string): string {
  return (
    `PopStash could not say yet who works here and what is known: ${why}. It says so later: call start_task when you ` +
    'begin (it returns both), or who_is_working. If they do not answer, ask the user to run popstash doctor.'
  );
}

/** A path relative to the client's own folder, which may differ from the folder that names the project. */
function fromFolder(cwd: string | undefined, file: string): string {
  if (cwd === undefined || file.startsWith('/') || /^[A-Za-z]:|^\\/.test(file)) return file;
  return `${cwd}/${file}`;
}

/** Settings that init wrote into the command, since a client may start its hooks without them. */
function withFlags(env: Environment, flags: readonly string[]): Environment {
  const [dataDir, project] = [readFlag(flags, '--data-dir'), readFlag(flags, '--project')];
  return {
    ...env,
    ...(dataDir !== undefined && { POPSTASH_DATA_DIR: dataDir }),
    ...(project !== undefined && { POPSTASH_PROJECT: project }),
  };
}
