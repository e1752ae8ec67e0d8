import type { Tool as ToolDescription } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { Tool } from '../define-tool.js';
import { SHARED_FIELDS } from '../schemas/tool-output.js';
import { tools } from '../tools/tool-list.js';

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
    title: tool.title,
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

const NO_BOUND = Number.MAX_SAFE_INTEGER;

/** Leaves out the dialect, and the bounds that any JSON number has. */
function shrinkInput(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shrinkInput);
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).filter(([key, value]) => {
    if (key === '$schema' || key === 'propertyNames') return false;
    if (key === 'additionalProperties') return value === false;
    return !((key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === NO_BOUND);
  });
  return Object.fromEntries(entries.map(([key, value]) => [key, shrinkInput(value)]));
}

const LEFT_TO_DOCS = new Set(['$schema', 'required', 'additionalProperties', 'propertyNames', 'minimum', 'maximum']);

/**
 * Shrinks the schema of an answer so that every answer still fits it. It names the fields that every answer of the tool
 * has. Left out are which of them are required (answers may grow), optional fields below the top level, the fields that
 * all tools share, the item types of lists that are optional or nested, and the fields of nested objects without lists.
 */
function shrinkOutput(schema: Schema, depth = 0): Schema {
  const entries = Object.entries(schema).filter(([key]) => !LEFT_TO_DOCS.has(key));
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties') return [key, shrinkFields(value as Record<string, Schema>, schema.required, depth)];
      if (key === 'items') return [key, shrinkOutput(value as Schema, depth)];
      return [key, value];
    }),
  );
}

function shrinkFields(fields: Record<string, Schema>, required: unknown, depth: number): Record<string, Schema> {
  const always = new Set(Array.isArray(required) ? required : []);
  const kept = Object.entries(fields).filter(([name]) => always.has(name) || (depth === 0 && !SHARED_FIELDS.has(name)));
  return Object.fromEntries(
    kept.map(([name, field]) => [
      name,
      isClosed(field, depth, always.has(name)) ? { type: field.type } : shrinkOutput(field, depth + 1),
    ]),
  );
}

/** Only the type of the field is named. */
function isClosed({ type, properties }: Schema, depth: number, isAlways: boolean): boolean {
  if (type === 'array') return depth > 0 || !isAlways;
  return type === 'object' && Object.values(properties ?? {}).every((field: Schema) => !('items' in field));
}
