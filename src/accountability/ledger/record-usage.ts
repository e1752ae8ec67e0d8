import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/in-transaction.js';
import type { UsageSample } from '../../telemetry/metric-types.js';
import { mergeRecords, type UsageEntry } from '../merge-records.js';
import type { UsageRecord } from '../usage.js';
import { cleanRecords } from './clean-records.js';
import { createEntryRepository, type EntryRepository } from './entry-repository.js';
import { type EntryContext, type EntryRow, type FolderOrigin, toEntryRow, toWitnessRows } from './entry-row.js';
import { lockEntriesOf } from './ledger-locks.js';
import { linkRecorded } from './link-entries.js';
import { measureEntry } from './measure-usage.js';
import { pairWitnesses } from './pair-witnesses.js';
import { findFirstKept } from './purge-usage.js';
import { reconcileReports } from './reconcile-reports.js';
import { readStoredEntry, type StoredEntry } from './stored-entry.js';
import { type FilePosition, moveFilePositions } from './transcript-files.js';

export interface RecordOutcome {
  /** New entries. */
  inserted: number;
  /** Entries of which more is known now. */
  updated: number;
  /** Entries that turned out to be the same request as another one, and are gone. */
  merged: number;
}

export interface RecordOptions {
  /** How far files have been read: moved in the same transaction. */
  files?: readonly FilePosition[];
}

/**
 * Writes what was read about requests: one entry a request, whatever arrives how often in which order; none for a request
 * that is older than what is kept. Entries, links,
 * roll-up changes and file positions are one transaction. One transaction at a time writes entries of a client.
 * @param records at most a few thousand at once: the transaction lasts about 50 ms for each thousand
 * @throws AppError `conflict` when another reader has taken over one of the files; nothing was written then
 */
export async function recordUsage(
  pool: Pool,
  context: EntryContext,
  records: readonly UsageRecord[],
  { files = [] }: RecordOptions = {},
): Promise<RecordOutcome> {
  const firstKept = findFirstKept(context.costDays)?.getTime() ?? Number.NEGATIVE_INFINITY;
  // What is of no time at all is refused by the database.
  const entries = mergeRecords(cleanRecords(records)).filter(({ origin }) => !(Date.parse(origin.at) < firstKept));
  const clients = [...new Set(entries.map(({ client }) => client))].sort();
  const samples: UsageSample[] = [];
  const recorded = await inTransaction(pool, async (client) => {
    const outcome: RecordOutcome = { inserted: 0, updated: 0, merged: 0 };
    // In one order, so that two batches of several clients never wait for each other.
    for (const usageClient of clients) {
      const ofClient = entries.filter((entry) => entry.client === usageClient);
      const written = await writeEntries(client, context, usageClient, ofClient);
      outcome.inserted += written.inserted;
      outcome.updated += written.updated;
      outcome.merged += written.merged;
      if (context.metrics) samples.push(...written.measure());
    }
    await moveFilePositions(client, files);
    return outcome;
  });
  for (const sample of samples) context.metrics?.recordUsage(sample);
  return recorded;
}

async function writeEntries(
  client: ClientBase,
  context: EntryContext,
  usageClient: string,
  read: readonly UsageEntry[],
): Promise<RecordOutcome & { measure(): UsageSample[] }> {
  const repository = createEntryRepository(client);
  await lockEntriesOf(client, usageClient);
  const known = await repository.findByKeys(
    usageClient,
    read.flatMap(({ keys }) => keys),
  );
  const { entries, partners } = await pairWitnesses(client, usageClient, read, known);
  const plan = planWrites(entries, [...known, ...partners]);
  const ids = await repository.newIds(plan.fresh.length);
  const origins = await locateAll(context, [...plan.fresh, ...plan.changed.map(({ entry }) => entry)]);
  const toRow = (id: string, entry: UsageEntry) =>
    toEntryRow(id, entry, (entry.origin.cwd !== null && origins.get(entry.origin.cwd)) || null, context.book);
  const inserted = plan.fresh.map((entry, index) => toRow(ids[index] ?? '', entry));
  const updated = plan.changed.map(({ id, entry }) => toRow(id, entry));
  await repository.addProjects(new Map([...origins.values()].map(({ projectId, root }) => [projectId, root])));
  await repository.insert(inserted);
  await repository.update(updated);
  await repository.point([...inserted, ...updated], plan.removed);
  const left = await repository.remove(plan.removed);
  await writeWitnesses(repository, plan, inserted);
  const touched = await linkRecorded(client, usageClient, { inserted, updated });
  await reconcileReports(client, { ...touched, taskIds: [...new Set([...touched.taskIds, ...left])] });
  return {
    inserted: inserted.length,
    updated: updated.length,
    merged: plan.removed.length,
    measure: () => [
      ...inserted.map((row) => measureEntry(row)),
      ...updated.map((row, index) => measureEntry(row, plan.changed[index]?.before)),
    ],
  };
}

/** What the folders of entries belong to. */
async function locateAll(
  { locateFolder }: EntryContext,
  entries: readonly UsageEntry[],
): Promise<Map<string, FolderOrigin>> {
  const folders = new Set(entries.flatMap(({ origin: { cwd } }) => (cwd === null ? [] : [cwd])));
  return new Map(await Promise.all([...folders].map(async (cwd) => [cwd, await locateFolder(cwd)] as const)));
}

interface WritePlan {
  fresh: UsageEntry[];
  changed: { id: string; entry: UsageEntry; before: StoredEntry[] }[];
  /** Ids of entries that others have absorbed. */
  removed: string[];
}

/** What to do so that the entries of a batch and those that are stored become one entry a request. */
function planWrites(entries: readonly UsageEntry[], stored: readonly StoredEntry[]): WritePlan {
  const plan: WritePlan = { fresh: [], changed: [], removed: [] };
  const before = stored.map((row) => ({ id: String(row.id), row, entry: readStoredEntry(row) }));
  if (before.length === 0) return { ...plan, fresh: [...entries] };
  const byKey = new Map(before.flatMap((known) => known.entry.keys.map((key) => [key, known])));
  for (const entry of mergeRecords([...before.map((known) => known.entry), ...entries])) {
    const known = new Set(entry.keys.map((key) => byKey.get(key)).filter((one) => one !== undefined));
    // The oldest row stays, so that it does not matter which of them was found first.
    const [kept, ...others] = [...known].sort((a, b) => Number(a.id) - Number(b.id));
    if (!kept) plan.fresh.push(entry);
    else if (others.length > 0 || JSON.stringify(kept.entry) !== JSON.stringify(entry)) {
      plan.changed.push({ id: kept.id, entry, before: [...known].map(({ row }) => row) });
      plan.removed.push(...others.map(({ id }) => id));
    }
  }
  return plan;
}

async function writeWitnesses(
  repository: EntryRepository,
  { fresh, changed, removed }: WritePlan,
  inserted: readonly EntryRow[],
): Promise<void> {
  const witnesses = [
    ...fresh.flatMap((entry, index) => toWitnessRows(inserted[index]?.id ?? '', entry)),
    ...changed.flatMap(({ id, entry }) => toWitnessRows(id, entry)),
  ];
  await repository.replaceWitnesses(removed, witnesses);
}
