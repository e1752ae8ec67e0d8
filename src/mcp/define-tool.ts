import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import type { Actor } from '../actor/actor.js';
import type { Services } from './services.js';

/** What a tool's handler knows of the call besides its arguments. */
export interface ToolContext {
  actor: Actor;
  services: Services;
  /** Folder that the agent works in. */
  worktree: string;
  mode: 'embedded' | 'server';
  version: string;
  /** The call was sent again after a lost connection: it may have been carried out already. */
  resent: boolean;
  signal: AbortSignal;
  /** A task of this connection began: later calls act in it while it is the only one. */
  sessionStarted(sessionId: string): void;
  /** It has ended. */
  sessionEnded(sessionId: string): void;
  /** Tells a client that asked for it how far a long call is. */
  progress(message: string, done: number, total: number): void;
  /** These decisions were shown to the agent: it is told when one is superseded by another agent. */
  given(decisionIds: readonly string[]): void;
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

export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: Output;
  annotations: Required<Pick<ToolAnnotations, 'readOnlyHint' | 'destructiveHint' | 'idempotentHint' | 'openWorldHint'>>;
  examples: ToolExample[];
  handler(args: z.output<Input>, context: ToolContext): Promise<z.input<Output>>;
}

/** Infers a tool's types from its schemas; the list of tools forgets them again. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(tool: Tool<Input, Output>): Tool {
  return tool as unknown as Tool;
}
