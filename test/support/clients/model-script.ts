/** What a scripted model answers, turn by turn, to a real client program. */
export interface ModelScript {
  /** One for each turn; after the last it says "done". */
  steps: readonly ModelStep[];
  /** Steps of conversations whose first message contains the key: sub-agents have scripts of their own. */
  by?: Readonly<Record<string, readonly ModelStep[]>>;
}

export interface ModelStep {
  /** Before the model answers, in the Messages API: so that one window works while another one waits. */
  waitFor?: () => Promise<unknown>;
  text?: string;
  tools?: readonly ToolUse[];
  usage?: Partial<ModelUsage>;
  /** The model's name in the answer; the one that was asked for by default. */
  model?: string;
}

/** A tool that the model calls. */
export interface ToolUse {
  name: string;
  input?: Record<string, unknown>;
  /** The namespace of the tool, in the Responses API. */
  namespace?: string;
}

/** Tokens of an answer. Those of the cache are no part of `input`. */
export interface ModelUsage {
  input: number;
  output: number;
  /** Part of output; the Responses API only. */
  reasoning: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
}

const SMALL: ModelUsage = { input: 100, output: 20, reasoning: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };

export function usageOf({ usage }: ModelStep): ModelUsage {
  return { ...SMALL, ...usage };
}

/**
 * The step of a conversation, by how many turns the model has had, so that a request that is sent again gets the same
 * answer. @param first the first message of the conversation, as text
 */
export function chooseStep(script: ModelScript, first: string, turn: number): ModelStep {
  const own = Object.entries(script.by ?? {}).find(([words]) => first.includes(words))?.[1];
  return (own ?? script.steps)[turn] ?? { text: 'done' };
}
