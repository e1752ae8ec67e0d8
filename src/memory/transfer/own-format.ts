import * as z from 'zod';
import { AppError } from '../../errors.js';
import { MEMORY_KINDS } from '../memory-types.js';
import { type ExportRecord, type ImportRecord, OWN_FORMAT } from './transfer-types.js';

// JSON Lines: a header, then one version of a memory a line (docs/memory.md#the-format-of-an-export).

const FORMAT_NAME = 'popstash-memory';
/** Raised when a file of the new form would be read wrongly by a program of the old one. */
const FORMAT_VERSION = 1;

const header = z.looseObject({ format: z.literal(FORMAT_NAME), format_version: z.int().min(1) });

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const line = z.object({
  type: z.enum(MEMORY_KINDS),
  id: z.string(),
  version: z.int().min(1).default(1),
  name: z.string().nullable().default(null),
  text: z.string(),
  reasoning: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  files: z.array(z.string()).default([]),
  metadata: z.record(z.string(), z.unknown()).default({}),
  author: z.object({ id: z.string().nullable(), name: z.string() }).nullable().default(null),
  session_id: z.string().nullable().default(null),
  created_at: time,
  expires_at: time.nullable().default(null),
  superseded_by: z.string().nullable().default(null),
  superseded_at: time.nullable().default(null),
  /** Where it was imported from before. */
  source: z
    .object({ format: z.string().min(1), key: z.string().min(1) })
    .nullable()
    .default(null),
});

/** The first line of an export. */
export function writeHeader(project: { id: string; root: string }, version: string, at: Date): string {
  return JSON.stringify({
    format: FORMAT_NAME,
    format_version: FORMAT_VERSION,
    exported_at: at.toISOString(),
    popstash: version,
    project,
  });
}

/** A memory as a line; fields that are empty are left out. */
export function writeRecord(record: ExportRecord): string {
  const { kind, id, version, name, text, reasoning, tags, files, metadata, author, provenance } = record;
  return JSON.stringify({
    type: kind,
    id,
    version,
    name: name ?? undefined,
    text,
    reasoning: reasoning ?? undefined,
    tags: tags.length > 0 ? tags : undefined,
    files: files.length > 0 ? files : undefined,
    metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
    author: author ?? undefined,
    session_id: record.sessionId ?? undefined,
    created_at: record.createdAt,
    expires_at: record.expiresAt ?? undefined,
    superseded_by: record.supersededBy ?? undefined,
    superseded_at: record.supersededAt ?? undefined,
    source: provenance ? { format: provenance.source, key: provenance.key } : undefined,
  });
}

/** Whether a line begins an export of ours. */
export function isHeader(text: string): boolean {
  return header.safeParse(parseJson(text)).success;
}

/** @throws AppError `invalid_argument` for what begins no export that this version reads */
export function checkHeader(text: string): void {
  const parsed = header.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new AppError({
      code: 'invalid_argument',
      message: 'The file is no export of PopStash: its first line is not the header of one.',
      fix: 'Other formats are named by --from; popstash import --help lists them.',
    });
  }
  if (parsed.data.format_version <= FORMAT_VERSION) return;
  throw new AppError({
    code: 'invalid_argument',
    message: `The export has format version ${parsed.data.format_version}; this PopStash reads up to ${FORMAT_VERSION}.`,
    fix: 'Update this PopStash, then import again.',
  });
}

/** @returns what a line says; a text that names what is wrong with it otherwise */
export function readRecord(text: string): ImportRecord | string {
  const parsed = line.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return issue === undefined || issue.path.length === 0
      ? 'it is no JSON object of an export'
      : `${issue.path.join('.')}: ${issue.message}`;
  }
  const each = parsed.data;
  return {
    kind: each.type,
    provenance: each.source
      ? { source: each.source.format, key: each.source.key }
      : { source: OWN_FORMAT, key: each.id },
    id: each.id,
    name: each.name,
    text: each.text,
    reasoning: each.reasoning,
    tags: each.tags,
    files: each.files,
    metadata: each.metadata,
    author: each.author,
    sessionId: each.session_id,
    version: each.version,
    createdAt: each.created_at,
    expiresAt: each.expires_at,
    supersededBy: each.superseded_by,
    supersededAt: each.superseded_at,
    supersedes: [],
  };
}

/** Tells each version which ones name it as their successor. */
export function linkVersions(records: readonly ImportRecord[]): ImportRecord[] {
  const earlier = new Map<string, string[]>();
  for (const { id, supersededBy } of records) {
    if (id !== null && supersededBy !== null) earlier.set(supersededBy, [...(earlier.get(supersededBy) ?? []), id]);
  }
  return records.map((record) => ({ ...record, supersedes: earlier.get(record.id ?? '') ?? [] }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
