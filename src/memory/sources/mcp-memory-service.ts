import * as z from 'zod';
import { AppError } from '../../errors.js';
import { describeIssue, parseJson } from './read-json-lines.js';
import { readEpoch, readIso } from './read-time.js';
import { type SourceReading, toRecord } from './source-types.js';

// mcp-memory-service: `memory export` writes one JSON object
// (https://github.com/doobidoo/mcp-memory-service/blob/main/src/mcp_memory_service/sync/importer.py).

const file = z.looseObject({
  export_metadata: z.looseObject({ source_machine: z.string().optional() }).optional(),
  memories: z.array(z.unknown()),
});
const tags = z.union([z.array(z.string()), z.string().transform((text) => text.split(',').map((tag) => tag.trim()))]);
const memory = z.looseObject({
  content: z.string(),
  content_hash: z.string().nullish(),
  tags: tags.nullish(),
  created_at: z.number().nullish(),
  created_at_iso: z.string().nullish(),
  memory_type: z.string().nullish(),
});

/** Each memory becomes an insight without a key; its type is one of its tags. */
export function readMcpMemoryService(text: string): SourceReading {
  const parsed = file.safeParse(parseJson(text.replace(/^\ufeff/, '')));
  if (!parsed.success) {
    throw new AppError({
      code: 'invalid_argument',
      message: `The file is no export of mcp-memory-service: ${describeIssue(parsed.error)}`,
      fix: 'Write one by its own export command.',
    });
  }
  const reading: SourceReading = { records: [], problems: [] };
  for (const [index, given] of parsed.data.memories.entries()) {
    const each = memory.safeParse(given);
    if (!each.success) {
      reading.problems.push({ where: `memory ${index + 1}`, reason: describeIssue(each.error) });
      continue;
    }
    const { content, content_hash: hash, memory_type: type, created_at: seconds, created_at_iso: iso } = each.data;
    const own = (each.data.tags ?? []).filter((tag) => tag !== '');
    reading.records.push(
      toRecord('mcp-memory-service', {
        kind: 'insight',
        key: hash || `memory ${index + 1}`,
        text: content,
        tags: [...new Set([...own, ...(type ? [type] : [])])],
        createdAt: readEpoch(seconds, 's') ?? readIso(iso),
      }),
    );
  }
  return reading;
}
