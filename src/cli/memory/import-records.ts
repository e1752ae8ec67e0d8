import { createHash } from 'node:crypto';
import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { MAX_IMPORTED } from '../../mcp/admin/transfer-protocol.js';
import { type ImportRecord, OWN_FORMAT } from '../../memory/transfer/transfer-types.js';
import type { ServerSession } from '../context/ask-server.js';

/** Characters of the texts of one request: a line to the server has 6 MB at most, and a character may take 6 bytes. */
const MAX_CHARS = 500_000;
/** Refused records that are named. */
const MAX_REFUSED = 20;

type Outcome = AdminAnswer<'importRecords'>['outcomes'][number];

/** What became of the memories of one source. */
export interface ImportSummary {
  source: string;
  origin: string;
  memories: number;
  new: number;
  updated: number;
  duplicate: number;
  changed_here: number;
  refused: number;
  /** Memories that had a secret, and the kinds of these. */
  with_secrets: number;
  secrets: string[];
  /** Names that were in use, and what the memories are called instead. */
  renamed: { name: string; as: string }[];
  /** The first that were refused, and parts of the source that could not be read. */
  problems: { where: string; reason: string }[];
}

export interface ImportWork {
  /** Null: nothing is written. */
  importId: string | null;
  signal: AbortSignal;
  /** What sources of the same import have said so far. */
  seen: Set<string>;
  onDone(memories: number): void;
}

/** Sends the records of a source in parts, and sums up what became of them. */
export async function importRecords(
  server: ServerSession,
  place: { source: string; origin: string },
  records: readonly ImportRecord[],
  { importId, signal, seen, onDone }: ImportWork,
): Promise<ImportSummary> {
  const summary: ImportSummary = {
    ...place,
    memories: records.length,
    new: 0,
    updated: 0,
    duplicate: 0,
    changed_here: 0,
    refused: 0,
    with_secrets: 0,
    secrets: [],
    renamed: [],
    problems: [],
  };
  const unique = leaveOutRepeated(records, seen);
  summary.duplicate = records.length - unique.length;
  for (const part of splitParts(unique)) {
    signal.throwIfAborted();
    const sent = part.map(({ createdAt, expiresAt, supersededAt, ...record }) => ({
      ...record,
      createdAt: createdAt?.toISOString() ?? null,
      expiresAt: expiresAt?.toISOString() ?? null,
      supersededAt: supersededAt?.toISOString() ?? null,
    }));
    const { outcomes } = await server.ask('importRecords', { importId, records: sent });
    for (const [index, record] of part.entries()) addOutcome(summary, record, outcomes[index]);
    onDone(part.length);
  }
  return summary;
}

function addOutcome(summary: ImportSummary, record: ImportRecord, outcome: Outcome | undefined): void {
  if (!outcome) return;
  summary[outcome.outcome] += 1;
  if (outcome.redacted.length > 0 && outcome.outcome !== 'duplicate') {
    summary.with_secrets += 1;
    summary.secrets = [...new Set([...summary.secrets, ...outcome.redacted])].sort();
  }
  if (outcome.renamed !== null) summary.renamed.push({ name: record.name ?? '', as: outcome.renamed });
  if (outcome.reason !== null && summary.problems.length < MAX_REFUSED) {
    summary.problems.push({ where: record.provenance.key, reason: outcome.reason });
  }
}

/** What a foreign source says twice is one memory; in an export of ours each id is one. */
function leaveOutRepeated(records: readonly ImportRecord[], seen: Set<string>): ImportRecord[] {
  return records.filter(({ id, kind, name, text }) => {
    const said = JSON.stringify(id === null ? [kind, kind === 'insight' ? null : name, text] : [OWN_FORMAT, id]);
    const digest = createHash('sha256').update(said).digest('base64');
    if (seen.has(digest)) return false;
    seen.add(digest);
    return true;
  });
}

function* splitParts(records: readonly ImportRecord[]): Generator<ImportRecord[]> {
  let part: ImportRecord[] = [];
  let chars = 0;
  for (const record of records) {
    const size = record.text.length + (record.reasoning?.length ?? 0) + JSON.stringify(record.metadata).length;
    if (part.length > 0 && (part.length >= MAX_IMPORTED || chars + size > MAX_CHARS)) {
      yield part;
      part = [];
      chars = 0;
    }
    part.push(record);
    chars += size;
  }
  if (part.length > 0) yield part;
}
