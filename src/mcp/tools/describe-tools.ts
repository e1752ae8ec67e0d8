import type { Tool as ToolDescription } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Tool } from '../define-tool.js';
import { RARE_FIELDS } from '../schemas/tool-output.js';
import { tools } from './tool-list.js';

type Schema = Record<string, unknown>;

let listed: ToolDescription[] | undefined;

/** The answer to `tools/list`, made once a process. */
export function listTools(): ToolDescription[] {
  listed ??= describeTools(tools);
  return listed;
}

/**
 * Describes tools with JSON Schemas that say what a client needs and no more, since every session pays for their tokens
 * (the budget is in test/unit/mcp/tool-catalogue.test.ts). docs/tools.md has the schemas in full.
 */
export function describeTools(tools: readonly Tool[]): ToolDescription[] {
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    inputSchema: shrinkInput(z.toJSONSchema(tool.input, { io: 'input' })) as ToolDescription['inputSchema'],
    outputSchema: shrinkOutput(z.toJSONSchema(tool.output, { io: 'output' })) as NonNullable<
      ToolDescription['outputSchema']
    >,
    annotations: shrinkHints(tool.annotations),
  }));
}

/** Leaves out what a client takes for granted by the protocol: for a tool that only reads, also what concerns writes. */
function shrinkHints({ readOnlyHint, destructiveHint, idempotentHint, openWorldHint }: Tool['annotations']) {
  if (readOnlyHint) return { readOnlyHint, openWorldHint };
  return { destructiveHint, ...(idempotentHint && { idempotentHint }), openWorldHint };
}

/**
 * Left out of arguments: the dialect; what function calling of some models refuses (`additionalProperties`,
 * `exclusiveMinimum`, `propertyNames`); and bounds that any sensible value keeps. Each is checked all the same.
 */
const LEFT_TO_CHECKS = new Set([
  '$schema',
  'additionalProperties',
  'propertyNames',
  'exclusiveMinimum',
  'minimum',
  'minItems',
  'maxItems',
]);
/** A larger maximum is one that no sensible call meets. */
const MAX_NAMED_MAXIMUM = 99;

function shrinkInput(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shrinkInput);
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !LEFT_TO_CHECKS.has(key) && !(key === 'maximum' && Number(value) > MAX_NAMED_MAXIMUM),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, shrinkInput(value)]));
}

/**
 * Shrinks the schema of an answer to the names of its fields and their types, so that every answer still fits it. Left out
 * are which of them are required (answers may grow), what is in lists and objects, and what few answers say of themselves.
 */
function shrinkOutput({ properties = {} }: Schema): Schema {
  const fields = Object.entries({ ...(properties as Record<string, Schema>), notices: { type: 'array' } }).filter(
    ([name]) => !RARE_FIELDS.has(name),
  );
  return { type: 'object', properties: Object.fromEntries(fields.map(([name, field]) => [name, shrinkField(field)])) };
}

function shrinkField({ type, anyOf }: Schema): Schema {
  const types = Array.isArray(type) ? type : undefined;
  // Clients that map schemas to a dialect of one type each refuse a list of types.
  if (types) return { anyOf: types.map((one) => ({ type: one })) };
  return anyOf === undefined ? { type } : { anyOf };
}
