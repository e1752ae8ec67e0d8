import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { GLOSSARY, renderToolDocs } from '../../../scripts/render-tool-docs.js';
import { defineTool } from '../../../src/mcp/define-tool.js';
import { RARE_FIELDS } from '../../../src/mcp/schemas/tool-output.js';
import { pickServices, type ToolServices } from '../../../src/mcp/services.js';
import { describeTools } from '../../../src/mcp/tools/describe-tools.js';
import { tools } from '../../../src/mcp/tools/tool-list.js';
import { findPackage } from '../../../src/package-root.js';

/** Tokens (o200k) of all seventeen tools: P14 in docs/trials-and-figures.md. Each tool still to come gets its share. */
const PLANNED_TOOLS = 17;
const PLANNED_TOKENS = 3_350;
const SHARE = 194;

const someTool = {
  name: 'some',
  title: 'Some',
  description: 'Does something.',
  input: z.strictObject({}),
  output: z.object({ kinds: z.array(z.string()) }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  examples: [],
};

/** Schemas within schemas, each of them; names of properties are none. */
function listSchemas(nodes: readonly unknown[]): Record<string, unknown>[] {
  return nodes.flatMap((node) => {
    if (typeof node !== 'object' || node === null) return [];
    const schema = node as Record<string, unknown>;
    const { properties = {}, items, anyOf = [] } = schema;
    return [schema, ...listSchemas([...Object.values(properties as object), items, ...(anyOf as unknown[])])];
  });
}

const root = findPackage().root;
const names = tools.map((tool) => tool.name);

describe('the catalogue of tools', () => {
  it('has one file a tool, every file in the list, and no name twice', () => {
    const files = readdirSync(join(root, 'src/mcp/tools')).filter((file) => file !== 'tool-list.ts');
    expect(files).toHaveLength(tools.length);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is listed under its names, whole', () => {
    expect(describeTools(tools).map((tool) => tool.name)).toEqual(names);
  });

  it('fits its budget of tokens', () => {
    const tokens = encode(JSON.stringify(describeTools(tools))).length;
    expect(tokens).toBeLessThanOrEqual(PLANNED_TOKENS - (PLANNED_TOOLS - tools.length) * SHARE);
  });

  it('has an up-to-date page; if this fails: node scripts/generate-tool-docs.mjs', () => {
    expect(readFileSync(join(root, 'docs/tools.md'), 'utf8')).toBe(renderToolDocs(tools));
  });

  it('has a full answer of each tool to compare with; test/e2e/tool-examples.test.ts writes those of new tools', () => {
    const answers = readdirSync(join(root, 'test/fixtures/answers'));
    expect(answers.sort()).toEqual(names.map((name) => `${name}.json`).sort());
  });

  it('explains on that page only words that answers use', () => {
    const used = JSON.stringify(tools.map((tool) => z.toJSONSchema(tool.output, { io: 'output' })));
    for (const [word] of GLOSSARY) expect(used).toContain(`"${word}"`);
  });
});

describe.each(tools.map((tool) => [tool.name, tool] as const))('%s', (_, tool) => {
  const input = z.toJSONSchema(tool.input, { io: 'input' });

  it('has a plain name, a title and a bounded description', () => {
    expect(tool.name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
    expect(tool.title).toMatch(/^[A-Z][A-Za-z ]{2,30}$/);
    expect(tool.description).toMatch(/[.)]$/);
    expect(tool.description.length).toBeGreaterThanOrEqual(20);
    expect(tool.description.length).toBeLessThanOrEqual(240);
  });

  it('states all four hints, without contradiction', () => {
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations;
    for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint]) {
      expect(typeof hint).toBe('boolean');
    }
    if (readOnlyHint)
      expect({ destructiveHint, idempotentHint }).toEqual({ destructiveHint: false, idempotentHint: true });
    expect(openWorldHint).toBe(false);
  });

  it('takes a plain object in snake_case and refuses unknown arguments', () => {
    expect(input.type).toBe('object');
    expect(input.additionalProperties).toBe(false);
    for (const name of Object.keys(input.properties ?? {})) expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
  });

  it('describes every argument in few words', () => {
    for (const [name, { description = '' }] of Object.entries(input.properties ?? {}) as [
      string,
      { description?: string },
    ][]) {
      expect(description, name).toMatch(/^\S.{1,59}$/);
    }
  });

  it('is listed with schemas that every converter of clients takes', () => {
    const [listed] = describeTools([tool]);
    const nodes = listSchemas([listed?.inputSchema, listed?.outputSchema]);
    for (const node of nodes) {
      for (const refused of ['additionalProperties', 'exclusiveMinimum', '$ref', '$schema'])
        expect(node).not.toHaveProperty(refused);
      expect(typeof (node.type ?? 'none'), JSON.stringify(node)).toBe('string');
      expect('type' in node || 'anyOf' in node, JSON.stringify(node)).toBe(true);
    }
  });

  it('is listed with the fields of its answers', () => {
    const output = z.toJSONSchema(tool.output, { io: 'output' });
    const listed = describeTools([tool])[0]?.outputSchema?.properties ?? {};
    const fields = [...Object.keys(output.properties ?? {}), 'notices'].filter((name) => !RARE_FIELDS.has(name));
    expect(Object.keys(listed)).toEqual(fields);
  });

  it('answers with an object in snake_case', () => {
    const output = z.toJSONSchema(tool.output, { io: 'output' });
    expect(output.type).toBe('object');
    for (const name of Object.keys(output.properties ?? {})) expect(name).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
  });

  it('has examples that fit the schemas', () => {
    expect(tool.examples.length).toBeGreaterThan(0);
    for (const example of tool.examples) {
      tool.input.parse(example.input);
      for (const key of Object.keys(example.output)) expect(Object.keys(tool.output.shape)).toContain(key);
      for (const call of example.before ?? []) {
        const earlier = tools.find((candidate) => candidate.name === call.tool);
        expect(earlier, `before: ${call.tool}`).toBeDefined();
        earlier?.input.parse(call.input);
      }
    }
  });
});

describe('a tool and its services', () => {
  test('a handler has those that the tool names, by its type and at run time', () => {
    const tool = defineTool({
      ...someTool,
      uses: ['degraded'],
      // @ts-expect-error -- locks are not named
      handler: async (_args, { services }) => ({ kinds: Object.keys(services), locks: services.locks }),
    });
    const all = { degraded: () => [], locks: {} } as unknown as ToolServices;
    expect(pickServices(all, tool.uses)).toEqual({ degraded: all.degraded });
  });
});
