import { AppError } from '../errors.js';
import type { Report } from '../ipc/control-protocol.js';
import type { Logger } from '../logger.js';
import type { Services } from '../mcp/services.js';
import type { Storage } from './open-storage.js';

export interface LazyStorage {
  /** Opens storage at the first call, and again at the next call after a failure. @throws what kept it from opening */
  services(): Promise<Services>;
  /** As of the storage, once it is open. */
  record: Storage['record'];
  state(): Report['storage'];
  /** What kept it from opening, if that is what it last did. */
  problem(): AppError | null;
  /** True while passages lack their vectors; false also while storage is not open. */
  isBehind(): Promise<boolean>;
  close(): Promise<void>;
}

/** Storage that opens while clients are already served: `initialize` and `tools/list` need none. */
export function createLazyStorage(open: () => Promise<Storage>, logger: Logger): LazyStorage {
  let storage: Promise<Storage> | null = null;
  let state: Report['storage'] = 'opening';
  let problem: AppError | null = null;

  async function openOnce(): Promise<Storage> {
    state = 'opening';
    try {
      const opened = await open();
      state = 'ready';
      problem = null;
      logger.info('storage is open');
      return opened;
    } catch (error) {
      state = 'failed';
      problem = error instanceof AppError ? error : null;
      storage = null;
      logger.error({ err: error }, 'storage could not be opened');
      throw error;
    }
  }

  async function untilOpen(): Promise<Storage> {
    storage ??= openOnce();
    return await storage;
  }

  return {
    services: async () => (await untilOpen()).services,
    record: async (records) => (await untilOpen()).record(records),
    state: () => state,
    problem: () => problem,
    isBehind: async () => (await storage?.then((opened) => opened.isBehind()).catch(() => false)) ?? false,
    close: async () => await storage?.then((opened) => opened.close()),
  };
}
