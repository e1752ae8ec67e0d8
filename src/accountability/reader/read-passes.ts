import type { Pool } from 'pg';
import type { Logger } from '../../logger.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { Metrics } from '../../telemetry/metric-types.js';
import { CLIENT_SOURCES } from '../clients/client-list.js';
import type { PriceBook } from '../prices/price-book.js';
import type { ClientSource, SourceEnvironment } from '../transcripts/source-types.js';
import { placesBelow } from './choose-places.js';
import { type FoundFile, findFiles, findSessionFiles } from './find-files.js';
import { createFolderLocator } from './locate-folder.js';
import { readFiles, type StepLimits } from './read-files.js';
import type { ReadRequest, ReadSummary, TranscriptReader } from './reader-types.js';
import { createLedgerStore, type UsageStore } from './usage-store.js';

export interface ReaderDeps {
  pool: Pool;
  book: PriceBook;
  /** Where tokens and costs are measured as they become known; nowhere if left out. */
  metrics?: Pick<Metrics, 'recordUsage'>;
  /** The user whose clients' files are read. */
  environment: SourceEnvironment;
  /** Which project a folder belongs to. */
  identities: Pick<ProjectIdentities, 'resolve'>;
  /** The machine: one ledger may hold usage of several. */
  host: string;
  logger: Logger;
  /** For tests: more steps, and so more moments at which a reader can be killed. */
  step?: StepLimits;
  /** Something was written. */
  onRecorded(): void;
  /** @see EntryContext */
  costDays: number;
}

export interface StoreReaderDeps extends Pick<ReaderDeps, 'environment' | 'logger' | 'step' | 'onRecorded'> {
  /** Opened for each reading. */
  openStore(): UsageStore;
}

/** With a client's name that nobody has checked. */
type AnyRequest = Omit<ReadRequest, 'client'> & { client?: string | undefined };
type Progress = Pick<Parameters<typeof readFiles>[1], 'signal' | 'onProgress' | 'isBackground'>;

/** Reads into the ledger. See TranscriptReader. */
export function openReader(deps: ReaderDeps): TranscriptReader {
  const { pool, book, identities, metrics, costDays, host } = deps;
  const openStore = () =>
    createLedgerStore(pool, { book, locateFolder: createFolderLocator(identities), metrics, costDays }, host);
  return openStoreReader({ ...deps, openStore });
}

/** See TranscriptReader. Remembers how each file looked when it was read, so that a look at unchanged files asks no store. */
export function openStoreReader(deps: StoreReaderDeps): TranscriptReader {
  const { environment, logger, openStore } = deps;
  const stamps = new Map<string, Promise<Map<string, string>>>();

  /** How the files of a client looked when they were read: by any reader of this machine at first, then by this one. */
  async function stampsOf(client: string): Promise<Map<string, string>> {
    const known = stamps.get(client) ?? openStore().listStamps(client);
    stamps.set(client, known);
    known.catch(() => stamps.delete(client));
    return await known;
  }

  async function read(found: readonly FoundFile[], progress: Progress): Promise<ReadSummary> {
    const changed: FoundFile[] = [];
    for (const one of found) {
      const known = (await stampsOf(one.file.client)).get(one.file.path);
      if (known !== one.stamp) changed.push(one);
    }
    const summary = await readFiles(changed, {
      ...progress,
      store: openStore(),
      logger,
      step: deps.step,
      onRead: ({ file, stamp }) =>
        void stampsOf(file.client).then(
          (known) => known.set(file.path, stamp),
          () => undefined,
        ),
    });
    const { inserted, updated, merged } = summary;
    if (inserted + updated + merged > 0) deps.onRecorded();
    return { ...summary, filesFound: found.length };
  }

  async function readAll({ client, folder, ...progress }: AnyRequest = {}): Promise<ReadSummary> {
    const places = folder === undefined ? [environment] : placesBelow(folder, environment);
    return await read(await findFiles(sourcesOf(client), places), progress);
  }

  return {
    readAll,
    async readOrder({ client, path }, signal) {
      const [source] = sourcesOf(client);
      if (path === undefined || client === undefined || !source?.listSessionFiles) return readAll({ client, signal });
      return await read(await findSessionFiles(source, path), { signal });
    },
  };
}

function sourcesOf(client: string | undefined): readonly ClientSource[] {
  return client === undefined ? CLIENT_SOURCES : CLIENT_SOURCES.filter((source) => source.client === client);
}
