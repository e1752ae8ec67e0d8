/**
 * What processes say to a local server, or to a front's hook listener, besides MCP: one JSON line each, told apart from
 * JSON-RPC by the key `popstash`. A bridge of any version must understand a server of any other, so messages only ever
 * gain fields, and a message that can't be understood is `unknown`, not an error. Both ends check what they receive.
 */
import { type Check, type Checked, flag, integer, listOf, oneOf, optional, shapeOf, text } from './check-shape.js';

/** The same field in every message: its kind. */
const kind = <const K extends string>(name: K): Check<K> => oneOf(name);

/** What a client may say: a bridge, a hook, the command line. */
const clientMessages = {
  /** First line of a bridge; the server answers with a welcome, and from then on MCP messages flow both ways. */
  hello: shapeOf({
    popstash: kind('hello'),
    version: text,
    pid: integer,
    /** The same at every reconnection of one bridge. */
    bridge: text,
    /** Where the client works: names its project and worktree. */
    cwd: text,
    /** POPSTASH_PROJECT of the client. */
    project: optional(text),
    /** The home folder of the client's user. */
    home: optional(text),
    /** The folder that the client's own variables name. */
    clientFolder: optional(text),
    /** POPSTASH_WORKTREES of the client. */
    worktrees: optional(text),
    /** Where the client's user sees it (find-terminal.ts). */
    terminal: optional(text),
    /** The session of the client that started the bridge, where its environment names one. */
    clientSession: optional(shapeOf({ variable: text, id: text })),
  }),
  /** A newer bridge to an older server, instead of MCP: finish what is under way, close, let mine take over. */
  handover: shapeOf({ popstash: kind('handover') }),
  /** From `popstash down`. */
  stop: shapeOf({ popstash: kind('stop') }),
  /** From `popstash up` and `status`; answered with a report. */
  report: shapeOf({ popstash: kind('report') }),
  /**
   * From a front of server mode to the reader of its data folder, any number of times on one connection, which says by being
   * open that the front lives. Not answered.
   */
  'read-usage': shapeOf({
    popstash: kind('read-usage'),
    version: text,
    /** What may have changed; without it there is nothing to read now. */
    order: optional(shapeOf({ client: optional(text), path: optional(text) })),
  }),
  /** From `popstash hook` and `popstash guard`: something is about to happen, or has; answered with a verdict. */
  hook: shapeOf({
    popstash: kind('hook'),
    version: text,
    /** Of the asking process: its ancestors tell which client it belongs to. */
    pid: integer,
    event: oneOf(
      'pre-tool-use',
      'post-tool-use',
      'session-start',
      'session-end',
      'prompt-submit',
      'stop',
      'subagent-stop',
      'pre-commit',
      'pre-push',
      'status-line',
    ),
    /** The client whose hook asks, by its name in src/hooks/clients; `git` for a commit or push. */
    client: text,
    cwd: text,
    /** POPSTASH_PROJECT of the asking process. */
    project: optional(text),
    /** The client's own name for its session. */
    session: optional(text),
    subagent: optional(shapeOf({ id: text, kind: text })),
    /** What the tool is about to do, or has done; any other tool has none. */
    action: optional(oneOf('edit', 'shell')),
    /** Whether the agent reads what the verdict on this event says. */
    hears: optional(flag),
    /** The client's session began while no server answered: its agent is to be told now what a session begins with. */
    begins: optional(flag),
    /** Of the end of a turn: a hook has made the agent go on in this turn before. */
    continued: optional(flag),
    /** A tool of PopStash itself: the call shows that the client's hooks are heard, and who calls. */
    tool: optional(text),
    /** Of an edit or a commit; absolute, or relative to cwd. */
    files: optional(listOf(text)),
    command: optional(text),
    /** The beginning of what the client's user asks. */
    prompt: optional(text),
    /** The client's own id of the tool call: the same before and after. */
    call: optional(text),
    /** Files in which the client keeps what was said; those that the event is about. */
    transcripts: optional(listOf(text)),
    /** A person's reason to let a commit pass. */
    override: optional(text),
    /**
     * POPSTASH_GUARD of the asking process: whether a person's commit of held files is refused, or passes, with a warning or
     * without a word.
     */
    guard: optional(oneOf('advisory', 'guarded', 'off')),
    /** Of a commit that is about to be made: git's id of its tree. */
    tree: optional(text),
    /**
     * Of a push: the commits that it newly publishes, with the time of each in seconds since 1970. Of pre-commit: those that
     * are made, and that a branch is about to get.
     */
    commits: optional(listOf(shapeOf({ id: text, tree: text, at: integer, files: listOf(text) }))),
  }),
};

/** What a server may say. */
const serverMessages = {
  welcome: shapeOf({ popstash: kind('welcome'), version: text, pid: integer }),
  report: shapeOf({
    popstash: kind('report'),
    version: text,
    pid: integer,
    /** ISO time. */
    started: text,
    /** Connected agents. */
    agents: integer,
    storage: oneOf('opening', 'ready', 'failed'),
    /** Why it has failed, and what to do. */
    problem: optional(shapeOf({ message: text, fix: text })),
  }),
  verdict: shapeOf({
    popstash: kind('verdict'),
    /** `pass`: nothing to say. `deny`: it must not happen. `tell`: it may, or has; the agent should know the message. */
    decision: oneOf('pass', 'deny', 'tell'),
    message: optional(text),
    /** What the agent should know besides, whatever the decision. */
    context: optional(text),
    /** Why the decision is not about all files: the asking process decides about the others. */
    unchecked: optional(text),
    /** Of a status line: who works in this window, and at what. */
    board: optional(
      shapeOf({
        agent: text,
        task: optional(text),
        /** What it holds; the first ones. */
        locks: listOf(text),
        lockCount: integer,
        /** Other agents of the project. */
        others: integer,
      }),
    ),
    /** The asked process serves another project: ask the next one. */
    elsewhere: optional(flag),
  }),
  /** The server's last line. */
  bye: shapeOf({
    popstash: kind('bye'),
    /** 'handover': a successor is about to listen; 'stopping': it was told to, start one only when there is work. */
    reason: oneOf('handover', 'stopping'),
  }),
};

type Message<Checks> = { [K in keyof Checks]: Checked<Checks[K]> }[keyof Checks];

export type Hello = Checked<typeof clientMessages.hello>;
export type HookRequest = Checked<typeof clientMessages.hook>;
export type HookEvent = HookRequest['event'];
export type Report = Checked<typeof serverMessages.report>;
export type HookVerdict = Checked<typeof serverMessages.verdict>;
export type Board = NonNullable<HookVerdict['board']>;
export type Bye = Checked<typeof serverMessages.bye>;

export type ClientMessage = Message<typeof clientMessages>;
export type ServerMessage = Message<typeof serverMessages>;
/** A control message of another version, or a damaged one. */
export interface UnknownMessage {
  popstash: 'unknown';
}

export function encodeControl(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** The control message in a client's line, or null when the line is something else (MCP). */
export function decodeFromClient(line: Buffer): ClientMessage | UnknownMessage | null {
  return decode(clientMessages, line);
}

/** The control message in a server's line, or null when the line is something else (MCP). */
export function decodeFromServer(line: Buffer): ServerMessage | UnknownMessage | null {
  return decode(serverMessages, line);
}

/** The key stands within this many bytes of a control message's beginning. */
const KEY_WITHIN_BYTES = 40;

function decode<C extends Record<string, Check<unknown>>>(checks: C, line: Buffer): Message<C> | UnknownMessage | null {
  // Cheap for MCP messages, which may be large and don't begin so.
  if (!line.subarray(0, KEY_WITHIN_BYTES).includes('"popstash"')) return null;
  let message: unknown;
  try {
    message = JSON.parse(line.toString('utf8'));
  } catch {
    return null;
  }
  const name = isRecord(message) ? message.popstash : undefined;
  if (typeof name !== 'string') return null;
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
  return check?.(message) ? (message as Message<C>) : { popstash: 'unknown' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
