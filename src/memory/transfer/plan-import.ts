import { foldName } from '../../text/fold-name.js';
import { newId } from '../../text/ids.js';
import { deriveId } from '../authors/author-repository.js';
import { ID_PREFIXES } from '../memory-ids.js';
import type { MemoryKind } from '../memory-types.js';
import type { PreparedRecord } from './prepare-records.js';
import type { ImportOutcome, ImportRecord } from './transfer-types.js';

/** What the store says about the records of a batch. */
export interface Known {
  projectId: string;
  /** Project of each id that is in use anywhere. */
  projects: ReadonlyMap<string, string>;
  /** What an import wrote of this source and key (see `sourceKey`): its newest version. */
  imported: ReadonlyMap<string, ImportedState>;
  /** Ids of live memories by their text (see `textKey`). */
  equal: Map<string, string>;
  /** Ids of live memories by name (see `nameKey`). */
  live: Map<string, string>;
  /** Versions that are in use, by name exactly as it is written. */
  versions: Map<string, Set<number>>;
}

export interface ImportedState {
  id: string;
  /** Of the source's content, in hex. */
  hash: string;
  version: number;
  isLive: boolean;
}

/** A row to be written. */
export interface PlannedRow {
  id: string;
  record: ImportRecord;
  hash: Buffer;
  name: string | null;
  version: number;
  /** Mapped to ids of this project. */
  supersededBy: string | null;
  supersedes: string[];
}

export const sourceKey = (source: string, key: string): string => JSON.stringify([source, key]);
export const nameKey = (kind: MemoryKind, name: string): string => `${kind}:${foldName(name)}`;
export const versionKey = (kind: MemoryKind, name: string): string => `${kind}:${name}`;
/** Insights that say the same are one, whatever their keys; names of stashes and topics of decisions count. */
export const textKey = (kind: MemoryKind, name: string | null, text: string): string =>
  JSON.stringify([kind, kind === 'insight' ? null : name, text]);

/** Two memories of one name both stay: the second gets a number. */
const MAX_NAMESAKES = 1_000;
/** Names have at most 200 characters. */
const MAX_NAME_CHARS = 200;

/** Decides what becomes of each record. Adds to `known` what is planned, so that records of one batch know each other. */
export function planImport(
  prepared: readonly PreparedRecord[],
  known: Known,
): { outcomes: ImportOutcome[]; rows: PlannedRow[] } {
  const rows: PlannedRow[] = [];
  const outcomes = prepared.map((each): ImportOutcome => {
    if ('refusal' in each) return outcome('refused', null, each.redacted, { reason: each.refusal });
    const { record, hash, redacted } = each;
    const place = placeRecord(record, hash.toString('hex'), known);
    if (!place.isWritten) return outcome(place.outcome, place.id, redacted);
    const supersedes = [...place.supersedes, ...record.supersedes.map((id) => mapId(record.kind, id, known))];
    const row: PlannedRow = {
      id: place.id,
      record,
      hash,
      supersededBy: record.supersededBy && mapId(record.kind, record.supersededBy, known),
      supersedes,
      ...chooseName(record, place.version, supersedes, known),
    };
    remember(row, known);
    rows.push(row);
    return outcome(place.outcome, row.id, redacted, { renamed: row.name === record.name ? null : row.name });
  });
  return { outcomes, rows };
}

type Place =
  | { isWritten: false; outcome: 'duplicate' | 'changed_here'; id: string }
  | { isWritten: true; outcome: 'new' | 'updated'; id: string; version: number; supersedes: string[] };

function placeRecord(record: ImportRecord, hash: string, known: Known): Place {
  const { kind, provenance, version } = record;
  const earlier = known.imported.get(sourceKey(provenance.source, provenance.key));
  if (record.id !== null) {
    const id = mapId(kind, record.id, known);
    if (known.projects.has(id)) return { isWritten: false, outcome: 'duplicate', id };
    if (earlier?.hash === hash) return { isWritten: false, outcome: 'duplicate', id: earlier.id };
    return { isWritten: true, outcome: 'new', id, version: version ?? 1, supersedes: [] };
  }
  if (earlier) {
    if (earlier.hash === hash) return { isWritten: false, outcome: 'duplicate', id: earlier.id };
    if (!earlier.isLive) return { isWritten: false, outcome: 'changed_here', id: earlier.id };
    const id = newId(ID_PREFIXES[kind]);
    return { isWritten: true, outcome: 'updated', id, version: earlier.version + 1, supersedes: [earlier.id] };
  }
  const equal = known.equal.get(textKey(kind, record.name, record.text));
  if (equal !== undefined) return { isWritten: false, outcome: 'duplicate', id: equal };
  return { isWritten: true, outcome: 'new', id: newId(ID_PREFIXES[kind]), version: version ?? 1, supersedes: [] };
}

/** An id stays as it is unless another project has it; then it follows from the project, so that a second import finds it. */
function mapId(kind: MemoryKind, id: string, { projects, projectId }: Known): string {
  const owner = projects.get(id);
  return owner === undefined || owner === projectId ? id : deriveMemoryId(kind, projectId, id);
}

/** The id that a memory of another project gets here. */
export function deriveMemoryId(kind: MemoryKind, projectId: string, id: string): string {
  return deriveId(ID_PREFIXES[kind], 'import', projectId, id);
}

/** A name that no other live memory has, and a version of it that is free. */
function chooseName(
  { kind, name, supersededBy }: ImportRecord,
  version: number,
  supersedes: readonly string[],
  { live, versions }: Known,
): { name: string | null; version: number } {
  if (name === null || kind === 'decision') return { name, version };
  const isFree = (candidate: string): boolean => {
    const holder = live.get(nameKey(kind, candidate));
    return supersededBy !== null || holder === undefined || supersedes.includes(holder);
  };
  let chosen = name;
  for (let count = 2; !isFree(chosen) && count < MAX_NAMESAKES; count += 1) {
    const number = ` (${count})`;
    chosen = `${[...name].slice(0, MAX_NAME_CHARS - number.length).join('')}${number}`;
  }
  const used = versions.get(versionKey(kind, chosen)) ?? new Set();
  return { name: chosen, version: used.has(version) ? Math.max(...used) + 1 : version };
}

function remember({ id, record: { kind, supersededBy }, name, version, record }: PlannedRow, known: Known): void {
  if (name !== null) {
    const key = versionKey(kind, name);
    known.versions.set(key, (known.versions.get(key) ?? new Set()).add(version));
  }
  if (supersededBy !== null) return;
  if (name !== null) known.live.set(nameKey(kind, name), id);
  if (record.id === null) known.equal.set(textKey(kind, record.name, record.text), id);
}

function outcome(
  kind: ImportOutcome['outcome'],
  id: string | null,
  redacted: string[],
  { renamed = null, reason = null }: { renamed?: string | null; reason?: string | null } = {},
): ImportOutcome {
  return { outcome: kind, id, renamed, redacted, reason };
}
