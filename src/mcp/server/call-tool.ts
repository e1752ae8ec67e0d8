import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { clipText } from '../../text/clip-text.js';
import type { Tool, ToolContext, ToolServiceName } from '../define-tool.js';

/** Faults of the arguments that one error names. */
const MAX_NAMED = 5;
/** Entries of one argument that is a list or an object; each list has a smaller limit of its own. */
const MAX_ENTRIES = 1_000;

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
  logger: Logger,
): Promise<CallToolResult> {
  try {
    // Parsing a long message may have used up this round's time slice.
    await yieldToEventLoop();
    refuseHugeValues(tool, args);
    const parsed = tool.input.safeParse(args ?? {});
    if (!parsed.success) throw describeInvalid(tool, parsed.error);
    const output = await tool.handler(parsed.data, context);
    // JSON leaves undefined fields out: the text and the structured form are the same.
    const text = JSON.stringify({ ...output, ...(await extraFields(null)) });
    return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
  } catch (thrown) {
    const error = asAppError(thrown, tool.name, logger);
    return errorResult(error, await extraFields(error));
  }
}

/** An error as a result that the model reads: JSON in the text, no structured content (that is the output schema's). */
export function errorResult(error: AppError, extraFields: Record<string, unknown> = {}): CallToolResult {
  const { code, message, fix, retryable } = error;
  const text = JSON.stringify({ code, message, fix, retryable, ...extraFields });
  return { isError: true, content: [{ type: 'text', text }] };
}

function asAppError(error: unknown, tool: string, logger: Logger): AppError {
  const translated = translateDatabaseError(error);
  if (translated instanceof AppError) return translated;
  logger.error({ err: error, tool }, 'a tool failed unexpectedly');
  return new AppError({
    code: 'internal',
    message: `${tool} failed: ${error instanceof Error ? error.message : String(error)}`,
    fix: 'Call again once; if it fails again, tell the user to look at the log of popstash and report it.',
    cause: error,
  });
}

function describeInvalid(tool: Tool, error: z.ZodError): AppError {
  const known = Object.keys(tool.input.shape);
  const parts = error.issues.slice(0, MAX_NAMED).map((issue) => {
    if (issue.code === 'unrecognized_keys') return nameUnknown(issue.keys);
    const name = issue.path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
      .join('');
    const missing = issue.code === 'invalid_type' && issue.input === undefined;
    return missing ? `${name} is required` : `${name || 'arguments'}: ${issue.message}`;
  });
  return new AppError({
    code: 'invalid_argument',
    message: `${tool.name}: ${parts.join('; ')}.`,
    fix:
      known.length > 0 ? `Arguments of ${tool.name}: ${describeArguments(tool)}.` : `${tool.name} takes no arguments.`,
  });
}

function nameUnknown(keys: readonly string[]): string {
  const named = keys.slice(0, MAX_NAMED).map((key) => `"${clipText(key, 60)}"`);
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return `unknown argument ${named.join(', ')}${more}`;
}

/** Refuses an argument with far too many entries before they are validated: to check each, and to name its faults, takes too long. */
function refuseHugeValues(tool: Tool, args: unknown): void {
  for (const [name, value] of Object.entries(args ?? {})) {
    const entries = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
    if (entries <= MAX_ENTRIES) continue;
    throw new AppError({
      code: 'invalid_argument',
      message: `${tool.name}: ${clipText(name, 60)} has ${entries} entries.`,
      fix: `No argument may have more than ${MAX_ENTRIES}. Arguments of ${tool.name}: ${describeArguments(tool)}.`,
    });
  }
}

function describeArguments(tool: Tool): string {
  return Object.entries(tool.input.shape)
    .map(([name, schema]) => (schema.safeParse(undefined).success ? name : `${name} (required)`))
    .join(', ');
}
