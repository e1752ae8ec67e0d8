import { repeat } from '../async/repeat.js';
import type { OwnedFolder } from '../data-folder/lock-folder.js';
import type { Logger } from '../logger.js';
import type { ClientListener } from './clients/accept-clients.js';

export interface FolderWatchOptions {
  folder: Pick<OwnedFolder, 'findLoss'>;
  listener: Pick<ClientListener, 'restore' | 'path'>;
  /** The socket was made again. */
  onRestored: () => void;
  /** The folder is no longer this process's: it must end, and must not touch the files that are there now. */
  onLost: (error: Error) => void;
  logger: Logger;
}

/** Between two looks, in ms. */
const CHECK_MS = 1_000;

/**
 * Sees to it that a server serves the folder that is at its path, and no deleted one: a second server could own that
 * at the same time, and what the first one writes would be found by nobody.
 */
export function watchFolder({ folder, listener, onRestored, onLost, logger }: FolderWatchOptions): { stop(): void } {
  const loop = repeat(
    async () => {
      const path = listener.path();
      const loss = folder.findLoss();
      if (loss !== null) onLost(new Error(loss));
      else if (!(await listener.restore())) onLost(new Error(`${path} is another process's socket`));
      else if (listener.path() !== path) onRestored();
      return CHECK_MS;
    },
    (error) => {
      logger.warn({ err: error }, "the socket's file is gone and can not be made again");
      return CHECK_MS;
    },
  );
  return { stop: () => void loop.stop() };
}
