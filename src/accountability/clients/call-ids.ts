import type { ClientCall } from '../../actor/client-call.js';
import type { UsageClient } from '../usage.js';

/** How a client is known, and where its tool calls carry its ids: fields of `_meta`. */
interface CallIds {
  /** In the ledger; null for a client whose usage can't be read. */
  client: UsageClient | null;
  /** What it calls itself in `initialize`. */
  calledAs: RegExp;
  /** Fields with its session, best first. */
  session: readonly string[];
  /** Fields with its id of the call. */
  call: readonly string[];
}

/** Seen in real calls where the client can be run without a network, else as its source or its makers say. */
const CALL_IDS: readonly CallIds[] = [
  // Its session is in the environment of the servers that it starts (chooseClientSession in src/config.ts).
  { client: 'claude', calledAs: /^claude-code\b/i, session: [], call: ['claudecode/toolUseId'] },
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
 * @param started the session that the client named when it started this server, if it did
 */
export function readClientCall(
  name: string,
  meta: Readonly<Record<string, unknown>> | undefined,
  started: string | null,
): ClientCall {
  const ids = findByName(name);
  return {
    client: ids?.client ?? null,
    session: readFirst(meta, ids?.session ?? []) ?? started,
    callId: readFirst(meta, ids?.call ?? []),
  };
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
