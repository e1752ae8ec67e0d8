import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readClientSession } from '../accountability/clients/call-ids.js';
import type { ReadOrder } from '../accountability/reader/reader-types.js';
import { failureLine } from '../bridge/failure-line.js';
import { owedId, parse } from '../bridge/read-envelope.js';
import type { Environment } from '../config.js';
import { AppError } from '../errors.js';
import { ensureLauncher } from '../hooks/install/launcher/ensure-launcher.js';
import { MEMBER_META, type MemberMeta } from '../http/member-protocol.js';
import type { HookRequest } from '../ipc/control-protocol.js';
import { findTerminal } from '../ipc/find-terminal.js';
import { type HookListener, listenForHooks } from '../ipc/listen-for-hooks.js';
import { createLineSplitter } from '../ipc/split-lines.js';
import { createLogger, type Logger } from '../logger.js';
import { PLACED_META } from '../mcp/schemas/placings.js';
import { dropLongLine, MAX_LINE_BYTES } from '../mcp/transport/drop-long-line.js';
import { refuse } from '../mcp/transport/refuse-line.js';
import { maskLogLine } from '../text/mask-log-line.js';
import { askTeam, findRelated, type MemberHookDeps } from './answer-hook.js';
import type { Message } from './exchange.js';
import { listPathsOf } from './list-paths.js';
import { openMember } from './open-member.js';
import { placeTexts } from './place-paths.js';
import { describePlace } from './settle-place.js';
import { createTeamSession, isCommand } from './team-session.js';
import { createFileWatch } from './watch-files.js';

/** A hook waits for its verdict a little longer than this, in ms. */
const HOOK_MS = 1_400;
/** With stdin at its end, answers still under way are awaited this long, in ms. */
const LAST_ANSWERS_MS = 5_000;
/** A parent that died without closing the pipe (another process holds it) is missed within this, in ms. */
const PARENT_CHECK_MS = 1_000;
/** While the server is away its project is asked for again after this long, in ms. */
const SETTLE_AGAIN_MS = 2_000;
const METHOD_NOT_FOUND = -32_601;
/** Of a line, or a part of a batch, that no id can be answered by. */
const NO_MESSAGE = {
  number: -32_600,
  code: 'invalid_argument',
  message: 'It is no message of JSON-RPC.',
  fix: 'Send an object with "method", and with "id" a string or an integer.',
} as const;

/** Has the usage of this machine's clients read, by the process of this user that does so. */
export interface UsageReading {
  link(options: { dataDir: string; store: string; version: string; logger: Logger }): UsageLink;
  /** Which files a hook says may hold new usage. */
  listOrders(request: HookRequest): ReadOrder[];
}

interface UsageLink {
  order(order: ReadOrder): void;
  close(): void;
}

/** Tools whose answers name a cost: what was used meanwhile is read. */
const REPORTS_USAGE: ReadonlySet<unknown> = new Set(['end_task', 'report_cost']);

/**
 * `popstash mcp` of a team's member: passes MCP messages on between its client and the team's server, adds what only this machine
 * can tell (where paths lead, which repository this is), and answers the hooks of this machine by asking that server.
 */
export async function runMemberBridge(env: Environment, usage: UsageReading): Promise<void> {
  const member = openMember(env);
  const { config, team, places } = member;
  const logger = createLogger(config.logLevel, 'bridge', maskLogLine);
  ensureLauncher(env, logger);
  const here = () => places.settle(process.cwd(), config.project);
  const write = (text: string) => void process.stdout.write(text);
  const session = createTeamSession(team, (message) => write(`${JSON.stringify(message)}\n`));
  const bridge = `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  let reading = null as UsageLink | null;
  let isBegun = false;
  /** A command of the command line answers no hooks: it is no agent's process. */
  let hooks = null as HookListener | null;
  let ordered: Promise<unknown> = Promise.resolve();
  const underWay = new Set<Promise<void>>();
  const requests = new Map<unknown, AbortController>();

  async function introduce(isByCommand: boolean): Promise<MemberMeta> {
    const clientSession = readClientSession(env);
    const terminal = findTerminal(env);
    return {
      bridge,
      pid: process.pid,
      host: hostname(),
      ...(terminal !== undefined && { terminal }),
      ...(clientSession !== undefined && { clientSession }),
      place: await describePlace(await here()),
      ...(isByCommand && { related: await findRelated({ pid: process.pid, client: 'git' }, config.dataDir) }),
    };
  }

  /** The message with what only this machine can tell. */
  async function complete(message: Message): Promise<Message> {
    if (message.method === 'initialize') return withMeta(message, MEMBER_META, await introduce(isCommand(message)));
    const paths = listPathsOf(message);
    if (paths.length === 0) return message;
    return withMeta(message, PLACED_META, await placeTexts(paths, await here(), places));
  }

  async function pass(message: Message): Promise<void> {
    const waiting = new AbortController();
    if (message.method !== undefined && message.id !== undefined) requests.set(message.id, waiting);
    try {
      // Completed in the order in which they came; sent side by side.
      const completing = ordered.then(() => complete(message));
      ordered = completing.catch(() => undefined);
      if (reportsUsage(message)) reading?.order({});
      await session.send(await completing, waiting.signal);
      // A request that is cancelled gets no answer.
      if (message.method === 'notifications/cancelled') requests.get(message.params?.requestId)?.abort();
    } catch (error) {
      logger.warn({ err: error }, 'a message was not carried out');
      if (message.id !== undefined)
        write(failureLine(JSON.stringify(message.id), message.method === 'tools/call', describe(error)));
    } finally {
      requests.delete(message.id);
    }
  }

  function fromClient(line: Buffer): void {
    for (const part of parse(line).parts) {
      if (part === null || owedId(part) === 'unnamed') write(refuse(null, NO_MESSAGE).answer ?? '');
      else take(part as Message);
    }
  }

  function take(message: Message): void {
    if (!isBegun && message.method === 'initialize' && !isCommand(message)) {
      const link = usage.link({ dataDir: config.dataDir, store: team.url, version: config.version, logger });
      reading = link;
      hooks = listenWhenSettled(member, here, logger, (request) => {
        for (const order of usage.listOrders(request)) link.order(order);
      });
    }
    isBegun ||= message.method === 'initialize';
    if (!isBegun) {
      refuseEarly(message, write);
      return;
    }
    const passing = pass(message).finally(() => underWay.delete(passing));
    underWay.add(passing);
  }

  await untilClientEnds(fromClient, write);
  await Promise.race([Promise.allSettled([...underWay]), sleep(LAST_ANSWERS_MS)]);
  hooks?.close();
  await session.close();
  reading?.close();
  process.exit(0);
}

/** Takes the client's lines until it ends, or this process is told to. */
function untilClientEnds(fromClient: (line: Buffer) => void, write: (text: string) => void): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    process.stdin.on(
      'data',
      createLineSplitter(fromClient, MAX_LINE_BYTES, (begin) => dropLongLine(begin, write)),
    );
    process.stdin.on('end', end).on('close', end).on('error', end);
    process.stdout.on('error', end);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && end(), PARENT_CHECK_MS).unref();
  });
}

/** Answers hooks of this project from when the server has said which one it is. */
function listenWhenSettled(
  member: ReturnType<typeof openMember>,
  here: MemberHere,
  logger: Logger,
  onRequest: (request: HookRequest) => void,
): HookListener {
  const { config, identities } = member;
  const deps: MemberHookDeps = { ...member, dataDir: config.dataDir, files: createFileWatch() };
  const answer = (request: HookRequest) => {
    onRequest(request);
    return askTeam(deps, request, HOOK_MS);
  };
  let listener: HookListener | null = null;
  let isClosed = false;
  const listen = async (): Promise<void> => {
    while (!isClosed && listener === null) {
      try {
        const workplace = await here();
        listener = await listenForHooks({ dataDir: config.dataDir, workplace, identities, answer, logger });
      } catch (error) {
        logger.debug({ err: error }, 'hooks can not reach this process yet');
        await sleep(SETTLE_AGAIN_MS, undefined, { ref: false });
      }
    }
    if (isClosed) listener?.close();
  };
  void listen();
  return {
    close() {
      isClosed = true;
      listener?.close();
    },
  };
}

type MemberHere = () => ReturnType<MemberHookDeps['places']['settle']>;

function reportsUsage({ method, params }: Message): boolean {
  return method === 'tools/call' && REPORTS_USAGE.has(params?.name);
}

function withMeta(message: Message, name: string, value: unknown): Message {
  const { params = {} } = message;
  const meta = params._meta as Record<string, unknown> | undefined;
  return { ...message, params: { ...params, _meta: { ...meta, [name]: value } } };
}

/** Before `initialize` there is no session: a client that asks for another revision of the protocol goes on to ask for this one. */
function refuseEarly({ id, method }: Message, write: (text: string) => void): void {
  if (id === undefined) return;
  const error = { code: METHOD_NOT_FOUND, message: `Method not found: ${String(method)}; begin with initialize.` };
  write(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
}

function describe(error: unknown) {
  const known =
    error instanceof AppError
      ? error
      : { code: 'internal' as const, message: String(error), fix: 'Call again.', retryable: true };
  return { code: known.code, message: known.message, fix: known.fix, retryable: known.retryable };
}
