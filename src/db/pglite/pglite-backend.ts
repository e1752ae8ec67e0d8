import { fsyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import { INDEX_PLANS } from '../planner-hints.js';

/** An open embedded database, wherever it runs: one session that speaks PostgreSQL's protocol. */
export interface PgliteBackend {
  /** Executes whole requests and returns the answer's bytes. Rejects only when the database is beyond use. */
  run(bytes: Buffer): Promise<Buffer>;
  /** Writes everything and ends, so that the next start needs no recovery. */
  close(): Promise<void>;
}

/**
 * Opens the database in a folder, in this thread, or makes a new one when there is none. The caller must own the
 * folder: two processes on one folder lose rows silently.
 * @param settings more of PostgreSQL's own
 */
export async function openPglite(folder: string, settings: Record<string, string> = {}): Promise<PgliteBackend> {
  const database = await PGlite.create({
    dataDir: folder,
    extensions: { vector, pg_trgm, btree_gin },
    startParams: [
      ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
      // Half the time to open that 128 MB take. Vectors, the most of the data, are compared outside the database, and the
      // kernel holds the files' pages too.
      ...setting('shared_buffers', '8MB'),
      ...setting('fsync', 'on'),
      ...setting('wal_sync_method', 'fsync'),
      // BullMQ's tables live beside ours and its pool must find them; new tables of ours go to the first schema.
      ...setting('search_path', 'public,bullmq'),
      ...Object.entries(INDEX_PLANS).flatMap(([name, value]) => setting(name, value)),
      ...Object.entries(settings).flatMap(([name, value]) => setting(name, value)),
    ],
    // Segments of 1 MB instead of 16: a new folder is small and quick to copy.
    initDbStartParams: ['--wal-segsize=1'],
  });
  makeSyncReal(database);
  return {
    async run(bytes) {
      // A statement runs to its end in one go: timers and sockets are served before the next.
      await new Promise(setImmediate);
      const parts: Buffer[] = [];
      // Not execProtocolRawSync: that also parses every answer and keeps the messages for good. Each part is copied, since
      // it lies in the database's own memory.
      await database.execProtocolRawStream(bytes, {
        syncToFs: false,
        onRawData: (part) => void parts.push(Buffer.from(part)),
      });
      return Buffer.concat(parts);
    },
    close: () => database.close(),
  };
}

function setting(name: string, value: string): string[] {
  return ['-c', `${name}=${value}`];
}

interface NodeFileSystem {
  stream_ops: { fsync?: (stream: { nfd?: number }) => number };
}

/**
 * Writes survive kill -9 in any case: PostgreSQL hands its log to the kernel before it acknowledges a commit, and the
 * kernel outlives the process. They would not survive a power failure, and the folder might be torn, since PGlite's
 * file system ignores fsync. So the missing operation is added: about 1 ms a commit on a solid-state disk.
 */
function makeSyncReal(database: PGlite): void {
  const systems = (database.Module.FS as unknown as { filesystems?: { NODEFS?: NodeFileSystem } }).filesystems;
  if (!systems?.NODEFS) return;
  systems.NODEFS.stream_ops.fsync = ({ nfd }) => {
    if (nfd !== undefined) fsyncSync(nfd);
    return 0;
  };
}
