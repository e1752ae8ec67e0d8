/**
 * What a bridge and a local server say to each other besides MCP: one JSON line each, told apart from JSON-RPC by the
 * key `popstash`. A bridge of any version must understand a server of any other, so these only ever gain fields.
 * Free of imports: the bridge starts through it.
 */

/** First line of a bridge; the server answers with a welcome, and from then on MCP messages flow both ways. */
export interface Hello {
  popstash: 'hello';
  version: string;
  pid: number;
  /** The same at every reconnection of one bridge. */
  bridge: string;
  /** Where the client works: names its project and worktree. */
  cwd: string;
  /** POPSTASH_PROJECT of the client. */
  project?: string;
}

export interface Welcome {
  popstash: 'welcome';
  version: string;
  pid: number;
}

/** A newer bridge to an older server, instead of MCP: finish what is under way, close, let mine take over. */
export interface Handover {
  popstash: 'handover';
}

/** From `popstash down`. */
export interface Stop {
  popstash: 'stop';
}

/** From `popstash up` and `status`; answered with a report. */
export interface Ask {
  popstash: 'report';
}

export interface Report {
  popstash: 'report';
  version: string;
  pid: number;
  /** ISO time. */
  started: string;
  /** Connected agents. */
  agents: number;
  storage: 'opening' | 'ready' | 'failed';
}

/** From `popstash hook` and `popstash guard`: something is about to happen, or has; answered with a verdict. */
export interface HookRequest {
  popstash: 'hook';
  version: string;
  /** Of the asking process: its ancestors tell whose it is. */
  pid: number;
  event: HookEvent;
  /** The client whose hook asks, by its name in src/hooks/clients; `git` for a commit or push. */
  client: string;
  cwd: string;
  /** POPSTASH_PROJECT of the asking process. */
  project?: string | undefined;
  /** The client's own name for its session. */
  session?: string | undefined;
  subagent?: { id: string; kind: string } | undefined;
  /** What the tool is about to do, or has done; any other tool has none. */
  action?: 'edit' | 'shell' | undefined;
  /** Of an edit or a commit; absolute, or relative to cwd. */
  files?: string[] | undefined;
  command?: string | undefined;
  /** The client's own id of the tool call: the same before and after. */
  call?: string | undefined;
  /** A person's reason to let a commit pass. */
  override?: string | undefined;
}

export type HookEvent =
  | 'pre-tool-use'
  | 'post-tool-use'
  | 'session-start'
  | 'session-end'
  | 'stop'
  | 'subagent-stop'
  | 'pre-commit'
  | 'pre-push';

export interface HookVerdict {
  popstash: 'verdict';
  /** `pass`: nothing to say. `deny`: it must not happen. `tell`: it may, or has; the agent should know the message. */
  decision: 'pass' | 'deny' | 'tell';
  message?: string | undefined;
  /** The asked process serves another project: ask the next one. */
  elsewhere?: boolean | undefined;
}

/** The server's last line. */
export interface Bye {
  popstash: 'bye';
  /** 'handover': a successor is about to listen; 'stopping': it was told to, start one only when there is work. */
  reason: 'handover' | 'stopping';
}

export type ControlMessage = Hello | Welcome | Handover | Stop | Ask | Report | HookRequest | HookVerdict | Bye;

export function encodeControl(message: ControlMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** The control message in a line, or null when it is something else. */
export function decodeControl(line: Buffer): ControlMessage | null {
  // Cheap for the big ones: MCP messages don't begin so.
  if (!line.subarray(0, 40).includes('"popstash"')) return null;
  try {
    const message = JSON.parse(line.toString('utf8')) as Partial<ControlMessage>;
    return typeof message.popstash === 'string' ? (message as ControlMessage) : null;
  } catch {
    return null;
  }
}

/** Negative when `a` is older than `b`; compares the numbers of major.minor.patch, a pre-release before its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    version.split(/[.+-]/, 3).map((part) => Number.parseInt(part, 10) || 0),
  );
  for (let index = 0; index < 3; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(b.includes('-')) - Number(a.includes('-'));
}
