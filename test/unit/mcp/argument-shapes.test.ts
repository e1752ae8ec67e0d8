// The shapes in which clients' models write arguments, for each argument of each tool.
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { AppError } from '../../../src/errors.js';
import type { Tool } from '../../../src/mcp/define-tool.js';
import { readArguments } from '../../../src/mcp/server/read-arguments.js';
import { tools } from '../../../src/mcp/tools/tool-list.js';

interface Schema {
  type?: string;
  enum?: string[];
  items?: Schema;
  minimum?: number;
}

const argumentsOf = (tool: Tool) => {
  const { properties = {}, required = [] } = z.toJSONSchema(tool.input, { io: 'input' });
  return Object.entries(properties as Record<string, Schema>).map(([name, schema]) => {
    return { tool, name, schema, isRequired: required.includes(name) };
  });
};
const all = tools.flatMap(argumentsOf).map((one) => [`${one.tool.name}.${one.name}`, one] as const);

/** A value that the argument takes as it is. */
function valueFor({ type, enum: values, items, minimum = 1 }: Schema): unknown {
  if (values) return values[0];
  if (type === 'array') return [valueFor(items ?? {})];
  if (type === 'integer' || type === 'number') return Math.max(minimum, 3);
  if (type === 'boolean') return true;
  return type === 'object' ? { a: 1 } : 'x';
}

/** The other forms that mean the same. */
function shapesOf({ type, enum: values }: Schema, value: unknown): unknown[] {
  if (values) return [String(value).toUpperCase()];
  if (type === 'array') return [JSON.stringify(value), ...(Array.isArray(value) ? value : [])];
  if (type === 'integer' || type === 'number') return [String(value), ` ${value} `];
  if (type === 'boolean') return ['true', 'True'];
  return type === 'object' ? [JSON.stringify(value)] : [];
}

function required(tool: Tool): Record<string, unknown> {
  const needed = argumentsOf(tool).filter(({ isRequired }) => isRequired);
  return Object.fromEntries(needed.map(({ name, schema }) => [name, valueFor(schema)]));
}

describe.each(all)('%s', (_, { tool, name, schema, isRequired }) => {
  const value = valueFor(schema);
  const read = (given: unknown) => readArguments(tool, { ...required(tool), [name]: given });

  test('is taken as it is, and in every form that means the same', () => {
    const meant = read(value)[name];
    for (const shape of shapesOf(schema, value)) expect(read(shape)[name], JSON.stringify(shape)).toEqual(meant);
  });

  test('is refused by its name, with what came, where it is something else', () => {
    const wrong = schema.type === 'object' ? [1] : { wrong: true };
    const refuse = () => read(wrong);
    expect(refuse).toThrow(AppError);
    expect(refuse).toThrow(new RegExp(`${tool.name}: ${name}.*got (an object|a list)`));
  });

  if (isRequired) return;

  test('is absent where it is null or empty', () => {
    const absent = readArguments(tool, required(tool));
    expect(read(null)).toEqual(absent);
    if (schema.type !== 'array') expect(read('')).toEqual(absent);
  });
});

test.each(tools.map((tool) => [tool.name, tool] as const))('%s refuses what it does not know', (_, tool) => {
  expect(() => readArguments(tool, { ...required(tool), surplus: 1 })).toThrow(/unknown argument "surplus"/);
});
