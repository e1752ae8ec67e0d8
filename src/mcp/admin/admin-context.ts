import type { Workplace } from '../../project/resolve-project.js';
import type { Services } from '../services.js';

/** What answering a request of the command line takes. */
export interface AdminContext {
  /** Resolves when storage is open. */
  ready: () => Promise<Services>;
  /** Of the folder that the command runs in, once storage is open. */
  project: () => Workplace;
  mode: 'embedded' | 'server';
  version: string;
  /** The command line has gone, or wants the answer no more. */
  signal: AbortSignal;
  /** How far long work is. */
  onProgress(message: string, done: number, total: number): void;
}
