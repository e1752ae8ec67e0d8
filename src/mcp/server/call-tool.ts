import type { CallToolResult } from '@modelcontextprotocol/server';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { wordError } from '../../word-error.js';
import type { Tool, ToolContext, ToolServiceName } from '../define-tool.js';
import { toolError } from '../transport/tool-error.js';
import { readArguments } from './read-arguments.js';

/** Fields that the answer to any call may carry besides its own, such as `notices`. @param error why the call failed */
export type ExtraFields = (error: AppError | null) => Promise<Record<string, unknown>>;

/**
 * Runs one tool: parses the arguments, calls the handler, shapes the answer. Expected failures and bad input become
 * `isError` results with `{code, message, fix, retryable}`; this is the one place where errors are translated.
 */
export async function callTool(
  tool: Tool,
  args: unknown,
  context: ToolContext<ToolServiceName>,
  extraFields: ExtraFields,
  { word, logger }: { word(text: string): string; logger: Logger },
): Promise<CallToolResult> {
  try {
    // Parsing a long message may have used up this round's time slice.
    await yieldToEventLoop();
    const read = readArguments(tool, args);
    if (context.signal.aborted) throw wasCancelled();
    const output = await tool.handler(read, context);
    // JSON leaves undefined fields out: the text and the structured form are the same.
    const text = JSON.stringify({ ...output, ...(await extraFields(null)) });
    return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
  } catch (thrown) {
    const error = asAppError(thrown, tool.name, logger);
    return errorResult(error, word, await extraFields(error));
  }
}

/** An error as a result that the model reads. @param word puts the commands that work here into what to do */
export function errorResult(
  error: AppError,
  word: (text: string) => string,
  extraFields: Record<string, unknown> = {},
): CallToolResult {
  const { code, message, fix, retryable } = error;
  return toolError({ code, message, fix: word(fix), retryable, ...extraFields });
}

/** Nobody reads this: its client has cancelled the call. */
function wasCancelled(): AppError {
  return new AppError({
    code: 'conflict',
    message: 'The call was cancelled before it began.',
    fix: 'Call again if you still need it.',
  });
}

function asAppError(error: unknown, tool: string, logger: Logger): AppError {
  const translated = translateDatabaseError(error);
  if (translated instanceof AppError) return translated;
  logger.error({ err: error, tool }, 'a tool failed unexpectedly');
  return new AppError({
    code: 'internal',
    message: `${tool} failed: ${wordError(error)}`,
    fix: 'Call again once; if it fails again, tell the user to look at the log of popstash and report it.',
    cause: error,
  });
}
