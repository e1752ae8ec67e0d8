import * as z from 'zod';
import { readJsonLines } from './read-json-lines.js';
import { type SourceReading, toRecord } from './source-types.js';

// @modelcontextprotocol/server-memory: a graph as JSON Lines, in the file that MEMORY_FILE_PATH names
// (https://github.com/modelcontextprotocol/servers/blob/main/src/memory/index.ts).

const entry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('entity'),
    name: z.string().min(1),
    entityType: z.string().default(''),
    observations: z.array(z.string()).default([]),
  }),
  z.object({ type: z.literal('relation'), from: z.string(), to: z.string(), relationType: z.string() }),
]);

/** An entity becomes an insight, with its observations and its relations to others. */
export function readServerMemory(text: string): SourceReading {
  const { items, problems } = readJsonLines(text, entry);
  const relations = new Map<string, string[]>();
  const relate = (name: string, line: string): void => void relations.set(name, [...(relations.get(name) ?? []), line]);
  for (const item of items) {
    if (item.type !== 'relation') continue;
    relate(item.from, `- ${item.relationType}: ${item.to}`);
    if (item.to !== item.from) relate(item.to, `- is ${item.relationType} of: ${item.from}`);
  }
  const records = items.flatMap((item) => {
    if (item.type !== 'entity') return [];
    const { name, entityType, observations } = item;
    const related = relations.get(name) ?? [];
    const lines = [
      ...observations.map((each) => `- ${each}`),
      ...(related.length > 0 ? ['Relations:', ...related] : []),
    ];
    return [
      toRecord('server-memory', {
        kind: 'insight',
        key: name,
        name,
        text: lines.length > 0 ? lines.join('\n') : [name, entityType].filter(Boolean).join(': '),
        tags: entityType === '' ? [] : [entityType],
      }),
    ];
  });
  return { records, problems };
}
