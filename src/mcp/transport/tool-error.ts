import type { ErrorCode } from '../../errors.js';

/** What the model of a client reads of a call that failed. */
export interface ToolErrorFacts {
  code: ErrorCode;
  message: string;
  fix: string;
  retryable: boolean;
}

/** A failed call as a tool answers it: JSON in the text, no structured content (that is the output schema's). */
export function toolError(facts: ToolErrorFacts & Record<string, unknown>): {
  isError: true;
  content: [{ type: 'text'; text: string }];
} {
  return { isError: true, content: [{ type: 'text', text: JSON.stringify(facts) }] };
}
