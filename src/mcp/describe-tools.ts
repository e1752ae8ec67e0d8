import type { Tool as ToolDescription } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { Tool } from './define-tool.js';

/**
 * The answer to `tools/list`. JSON Schemas say what a client needs and no more, since every session pays for their tokens:
 * no dialect, no number bounds that JSON itself implies, no `additionalProperties` on outputs (they may grow).
 */
export function describeTools(tools: readonly Tool[]): ToolDescription[] {
  return tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: shrink(z.toJSONSchema(tool.input, { io: 'input' }), true) as ToolDescription['inputSchema'],
    outputSchema: shrink(z.toJSONSchema(tool.output, { io: 'output' }), false) as NonNullable<
      ToolDescription['outputSchema']
    >,
    annotations: tool.annotations,
  }));
}

const DROPPED = new Set(['$schema', 'propertyNames']);

function shrink(node: unknown, isInput: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => shrink(item, isInput));
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).filter(([key, value]) => {
    if (DROPPED.has(key)) return false;
    if (key === 'additionalProperties') return isInput && value === false;
    return !((key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER);
  });
  return Object.fromEntries(entries.map(([key, value]) => [key, shrink(value, isInput)]));
}
