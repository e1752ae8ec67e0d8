import type { Metrics } from '../../telemetry/metric-types.js';
import { resolveEntry, type UsageEntry } from '../merge-records.js';
import type { PriceBook } from '../prices/price-book.js';
import { type Evidence, WITNESSES, type Witness } from '../usage.js';
import { type PriceColumns, priceEntry } from './price-entry.js';
import { type EvidenceColumns, evidenceColumns, type OriginColumns, originColumns } from './stored-entry.js';

/** What a folder belongs to: its project and its worktree. */
export interface FolderOrigin {
  projectId: string;
  /** What the id stands for, for people to read. */
  root: string;
  worktree: string;
}

/** What a row of usage_entries is made of. */
export interface EntryContext {
  book: PriceBook;
  /** Must answer for folders that are gone too. Never rejects. */
  locateFolder(cwd: string): Promise<FolderOrigin>;
  /** Where tokens and costs are measured as they become known; nowhere if left out. */
  metrics?: Pick<Metrics, 'recordUsage'> | undefined;
  /** Requests are kept for this many days: older ones are not recorded. 0 for ever. */
  costDays: number;
}

/** A row to write into usage_entries, but for its links. */
export interface EntryRow extends OriginColumns, EvidenceColumns, PriceColumns {
  id: string;
  client: string;
  keys: readonly string[];
  tool_use_ids: readonly string[];
  witnesses: readonly Witness[];
  worktree: string | null;
  cwd_project_id: string;
  project_id: string;
}

export interface WitnessRow {
  entry_id: string;
  witness: Witness;
  evidence: Evidence;
}

/** @param origin of the folder that the entry names; null where it names none */
export function toEntryRow(id: string, entry: UsageEntry, origin: FolderOrigin | null, book: PriceBook): EntryRow {
  const resolved = resolveEntry(entry);
  const witnesses = WITNESSES.filter((witness) => entry.evidence[witness]);
  const best = { ...resolved, isSidechain: entry.evidence[resolved.witness]?.isSidechain ?? resolved.isSidechain };
  return {
    id,
    client: entry.client,
    keys: entry.keys,
    tool_use_ids: entry.toolUseIds,
    witnesses,
    ...originColumns(entry.origin),
    ...evidenceColumns(best),
    ...priceEntry(resolved, resolved.witness === 'report', book),
    worktree: origin?.worktree ?? null,
    cwd_project_id: origin?.projectId ?? '',
    project_id: origin?.projectId ?? '',
  };
}

/** What each witness said, where there are several: the row of the entry holds what a single one said. */
export function toWitnessRows(id: string, entry: UsageEntry): WitnessRow[] {
  const rows = WITNESSES.flatMap((witness) => {
    const evidence = entry.evidence[witness];
    return evidence ? [{ entry_id: id, witness, evidence }] : [];
  });
  return rows.length > 1 ? rows : [];
}
