import { readFileSync, writeSync } from 'node:fs';
import { chooseDataDir, chooseGuard, chooseMode, type Environment, type GuardMode } from '../../config.js';
import type { HookEvent, HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import { listEndpoints } from '../../ipc/list-endpoints.js';
import { askGuard } from './ask-guard.js';
import { printVerdict } from './print-verdict.js';
import { readPayload, type ToolUse } from './read-payload.js';

/** Longest wait for the server before an agent's tool may go on, in ms. */
const TIMEOUT_MS = 1_500;
/** After a tool nobody is held up, and a session may begin while the client has just started the server, in ms. */
const PATIENT_TIMEOUT_MS = 4_000;
/** Tells versions of the question apart; the server understands all of them. */
const PROTOCOL = '1';
const EVENTS = new Set<string>([
  'pre-tool-use',
  'post-tool-use',
  'session-start',
  'session-end',
  'stop',
  'subagent-stop',
] satisfies HookEvent[]);
const CLIENTS = new Set(['claude', 'cursor', 'cline']);
const USAGE =
  'popstash hook pre-tool-use|post-tool-use|session-start|session-end|stop|subagent-stop ' +
  '[--client claude|cursor|cline] [--data-dir DIR] [--project NAME], with the payload of the hook on stdin\n';

/**
 * `popstash hook …`: asks the running server about what an agent is about to do, and tells the client. Starts nothing,
 * opens nothing, imports next to nothing: an editor's edit waits for it. Ends with code 0 but for wrong usage; in
 * `guarded` mode what can't be judged is refused by a proper verdict, never by a crash.
 */
export async function runHook(env: Environment, args: readonly string[]): Promise<void> {
  const [event = '', ...flags] = args;
  const client = optionOf(flags, '--client') ?? 'claude';
  if (!EVENTS.has(event) || !CLIENTS.has(client)) {
    process.stderr.write(USAGE);
    // 2 would be taken for a refusal by Claude Code.
    process.exitCode = event === '--help' ? 0 : 1;
    return;
  }
  const mode = chooseGuard(env);
  if (mode === 'off') return;
  const printed = await judge(event as HookEvent, client, mode, withFlags(env, flags));
  if (printed.stderr !== '') process.stderr.write(printed.stderr);
  if (printed.stdout !== '') writeSync(1, printed.stdout);
  process.exit(printed.code);
}

async function judge(event: HookEvent, client: string, mode: GuardMode, env: Environment) {
  let use: ToolUse = {};
  let verdict: HookVerdict;
  try {
    use = readPayload(client, event, JSON.parse(await readInput()));
    const asks = event === 'pre-tool-use' || event === 'post-tool-use' ? use.action !== undefined : true;
    verdict = asks ? await ask(event, client, mode, env, use) : { popstash: 'verdict', decision: 'pass' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`popstash hook ${event}: ${reason}\n`);
    verdict = unjudged(event, mode, 'edit', `the hook could not be read (${reason})`);
  }
  return printVerdict(client, event, use.eventName, verdict);
}

async function ask(
  event: HookEvent,
  client: string,
  mode: GuardMode,
  env: Environment,
  { eventName: _eventName, ...use }: ToolUse,
): Promise<HookVerdict> {
  const request: HookRequest = {
    popstash: 'hook',
    version: PROTOCOL,
    pid: process.pid,
    event,
    client,
    ...use,
    // The folder that the client was opened in; its shell may have gone elsewhere.
    cwd: env.CLAUDE_PROJECT_DIR ?? use.cwd ?? process.cwd(),
    project: env.POPSTASH_PROJECT,
    files: use.files?.map((file) => fromFolder(use.cwd, file)),
  };
  const timeout = event === 'pre-tool-use' ? TIMEOUT_MS : PATIENT_TIMEOUT_MS;
  const answer = await askGuard(listEndpoints(chooseDataDir(env), chooseMode(env)), request, timeout);
  if (typeof answer === 'object') return answer;
  const why = answer === 'absent' ? 'its server does not run' : `its server gave no verdict within ${timeout} ms`;
  return unjudged(event, mode, use.action, why);
}

/** All of stdin: at once where the system allows it, which spares loading streams. */
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

function unjudged(event: HookEvent, mode: GuardMode, action: ToolUse['action'], why: string): HookVerdict {
  if (mode !== 'guarded' || event !== 'pre-tool-use' || action !== 'edit')
    return { popstash: 'verdict', decision: 'pass' };
  return {
    popstash: 'verdict',
    decision: 'deny',
    message:
      `PopStash can't tell whether this file is free: ${why}. POPSTASH_GUARD is "guarded", so the edit is refused. ` +
      'Call the popstash tool ping, then try again; if it stays so, ask the user to run popstash doctor.',
  };
}

/** A path relative to the client's own folder, which need not be the one that names the project. */
function fromFolder(cwd: string | undefined, file: string): string {
  if (cwd === undefined || file.startsWith('/') || /^[A-Za-z]:|^\\/.test(file)) return file;
  return `${cwd}/${file}`;
}

function optionOf(flags: readonly string[], name: string): string | undefined {
  const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
  const flag = at < 0 ? undefined : flags[at];
  if (flag === undefined) return undefined;
  return flag.includes('=') ? flag.slice(name.length + 1) : flags[at + 1];
}

/** Settings that init wrote into the command, since a client may start its hooks without them. */
function withFlags(env: Environment, flags: readonly string[]): Environment {
  const [dataDir, project] = [optionOf(flags, '--data-dir'), optionOf(flags, '--project')];
  return {
    ...env,
    ...(dataDir !== undefined && { POPSTASH_DATA_DIR: dataDir }),
    ...(project !== undefined && { POPSTASH_PROJECT: project }),
  };
}
