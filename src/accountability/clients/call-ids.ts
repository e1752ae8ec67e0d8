import type { ClientCall } from '../../actor/client-call.js';
import type { Environment } from '../../config.js';
import type { UsageClient } from '../usage.js';

/** What a client says of its own session in the environment of the servers that it starts. */
export interface ClientSession {
  /** The variable, which tells the client. */
  variable: string;
  id: string;
}

/** How a client is known, and where it says which session and call it is: in fields of a call's `_meta`, or a variable. */
interface CallIds {
  /** In the ledger; null for a client whose usage can't be read. */
  client: UsageClient | null;
  /** What it calls itself in `initialize`. */
  calledAs: RegExp;
  /** Fields with its session, best first. */
  session: readonly string[];
  /** Fields with its id of the call. */
  call: readonly string[];
  /** In the environment of the servers that it starts: their session, unless a call says otherwise. */
  variable?: string;
}

/** Seen in real calls where the client can be run without a network, else as its source or its makers say. */
const CALL_IDS: readonly CallIds[] = [
  {
    client: 'claude',
    calledAs: /^claude-code\b/i,
    session: [],
    call: ['claudecode/toolUseId'],
    variable: 'CLAUDE_CODE_SESSION_ID',
  },
  { client: 'codex', calledAs: /^codex\b/i, session: ['threadId'], call: ['callId'] },
  { client: 'opencode', calledAs: /^opencode\b/i, session: ['ai.opencode/sessionID'], call: ['ai.opencode/callID'] },
  { client: 'gemini', calledAs: /^gemini-cli\b/i, session: [], call: [] },
  { client: 'cline', calledAs: /^cline\b/i, session: [], call: [] },
  { client: null, calledAs: /^visual studio code\b/i, session: ['vscode.conversationId'], call: [] },
];

/** Ids stand in indexes; no real one is nearly as long. */
const MAX_ID_CHARS = 400;

/** The ledger's name of a client that calls itself so in `initialize`; null for one whose usage can't be read. */
export function identifyClient(name: string): UsageClient | null {
  return findByName(name)?.client ?? null;
}

/**
 * Reads what a client says of a call.
 * @param name what the client calls itself in `initialize` @param meta the call's `_meta`
 * @param environment what the environment of this connection's server says of a session
 */
export function readClientCall(
  name: string,
  meta: Readonly<Record<string, unknown>> | undefined,
  environment: ClientSession | undefined,
): ClientCall {
  const ids = findByName(name);
  return {
    client: ids?.client ?? null,
    session: readFirst(meta, ids?.session ?? []) ?? startedSession(name, environment),
    callId: readFirst(meta, ids?.call ?? []),
  };
}

/** The session that the environment names. Its client need not be the one that calls: variables are inherited. */
export function readClientSession(env: Environment): ClientSession | undefined {
  const variables = CALL_IDS.map(({ variable }) => variable).filter((variable) => variable !== undefined);
  return variables.map((variable) => ({ variable, id: env[variable] ?? '' })).find(({ id }) => id !== '');
}

/**
 * The session for which a client has started its server; null if it does not say, or if the variable is another client's,
 * from which this one was started.
 */
export function startedSession(name: string, environment: ClientSession | undefined): string | null {
  const variable = findByName(name)?.variable;
  return environment && environment.variable === variable ? cleanId(environment.id) : null;
}

function findByName(name: string): CallIds | undefined {
  return CALL_IDS.find(({ calledAs }) => calledAs.test(name));
}

function readFirst(meta: Readonly<Record<string, unknown>> | undefined, fields: readonly string[]): string | null {
  return fields.map((field) => cleanId(meta?.[field])).find((id) => id !== null) ?? null;
}

/** An id as it may be stored; null for what is none. */
export function cleanId(value: unknown): string | null {
  if (typeof value !== 'string' || value === '' || value.length > MAX_ID_CHARS) return null;
  return /^[\x21-\x7e]+$/.test(value) ? value : null;
}
