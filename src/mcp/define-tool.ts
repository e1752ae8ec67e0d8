import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import type { Actor } from '../actor/actor.js';
import type { ClientCall } from '../actor/client-call.js';
import type { Workplace } from '../project/resolve-project.js';
import type { ToolServices } from './services.js';

export type ToolServiceName = keyof ToolServices;

/** What a tool's handler knows of the call besides its arguments. */
export interface ToolContext<Uses extends ToolServiceName = never> {
  actor: Actor;
  /** Those that the tool names in `uses`. */
  services: Pick<ToolServices, Uses>;
  /** Where the agent works. */
  workplace: Workplace;
  mode: 'embedded' | 'server';
  version: string;
  /** The call was sent again after a lost connection: it may have been carried out already. */
  resent: boolean;
  /**
   * The call was cancelled, and the server that had it ended: what it may have done there is given back. When it
   * was made, in ms since 1970 by the clock of this machine; undefined for any other call.
   */
  cancelledSinceMs: number | undefined;
  clientCall: ClientCall;
  /** Whether another agent's calls come over this connection too: what it holds may be the caller's own. */
  isOurs(agentId: string): boolean;
  /** By which others speak of the agent; undefined until that is known. */
  agentName(): string | undefined;
  /** Aborted when the client cancels the call. */
  signal: AbortSignal;
  /** Aborted when the client sends nothing more: a wait for locks is over then. */
  inputEnded: AbortSignal | undefined;
  /** Keeps how what the call has done is given back if it is cancelled, also when that comes just after its answer. */
  onCancelled(giveBack: () => Promise<void>): void;
  /**
   * The call waits for others' locks from now on: it holds up no other call, and the time does not count.
   * @returns ends that
   */
  onQueued(): () => void;
  /** Whether no hook of the agent's client is heard, so that nothing checks its edits; false when that can't be told. */
  isUnguarded(): Promise<boolean>;
  /** The session of the subagent that calls; null when the agent itself does, as far as is known. */
  subagentSession: string | null;
  /** A task of this connection began: later calls act in it while it is the only one. */
  sessionStarted(sessionId: string): void;
  /** A task of this connection ended. */
  sessionEnded(sessionId: string): void;
  /** The client asked for progress. */
  wantsProgress: boolean;
  /** Sends progress to a client that asked for it. */
  progress(message: string, done: number, total: number): void;
  /** The answer shows these decisions: the agent is notified when another agent supersedes one of them. */
  given(decisionIds: readonly string[]): void;
  /** The agent itself recorded this decision: what it supersedes is no news to it. */
  recorded(decisionId: string): void;
}

/** An example that the documentation shows and the tests execute; `output` is a part of the answer. */
export interface ToolExample {
  title: string;
  /** A value such as `<insight_id>` stands for that field of the answers to the calls before. */
  input: Record<string, unknown>;
  /** Calls that come first, such as the insight that is then recalled; some by another agent of the project. */
  before?: { tool: string; input: Record<string, unknown>; byAnother?: true }[];
  /** Keys that the answer must have, with their values where these are fixed. */
  output: Record<string, unknown>;
}

/** Everything that is particular to one tool: no other file knows it, but for its line in tool-list.ts. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject, Uses extends ToolServiceName> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  /**
   * Hints for clients. `readOnlyHint: false` also says that the call is a write of its agent: it waits until the
   * agent's row is stored.
   */
  annotations: Required<Pick<ToolAnnotations, 'readOnlyHint' | 'destructiveHint' | 'idempotentHint' | 'openWorldHint'>>;
  /** Services that the handler calls. */
  uses: readonly Uses[];
  /**
   * What `session_id` is to the tool where the protocol has no connections: `mints`, the answer has one; `needed`, the call
   * acts on what the agent holds; `none`, it names something else; left out, the call does without.
   */
  handle?: 'mints' | 'needed' | 'none';
  /** The call may leave its agent with locks: from then on all calls of the agent renew them. */
  takesLocks?: true;
  /**
   * Agents pause at this call, so its answer reads the agent's notices even when no signal announced one. The number is
   * the minimum interval between two such reads of one connection, in ms: 0 reads at every call, more suits a tool that
   * is called in a loop. Tools without it read notices only after a signal, which saves a statement.
   */
  readsNoticesEveryMs?: number;
  examples: ToolExample[];
  handler(args: z.output<Input>, context: ToolContext<Uses>): Promise<z.input<Output>>;
}

/** A tool as the list holds it: its own types are inferred where it is defined and erased here. */
export type Tool = ToolDefinition<z.ZodObject, z.ZodObject, ToolServiceName>;

/** Defines a tool; its handler's types are inferred from `input`, `output` and `uses`. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject, const Uses extends ToolServiceName>(
  tool: ToolDefinition<Input, Output, Uses>,
): Tool {
  return tool as unknown as Tool;
}
