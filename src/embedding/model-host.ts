import { fork } from 'node:child_process';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { silenceModelRuntime } from '../config.js';
import type { Logger } from '../logger.js';
import { findPackage } from '../package-root.js';
import type { ThreadAnswer, ThreadRequest, ThreadSettings } from './thread-protocol.js';

/** Where the model runs. */
export interface ModelHost {
  post(request: ThreadRequest): void;
  /** Ends it at once. */
  kill(): void;
}

export interface HostEvents {
  onAnswer(answer: ThreadAnswer): void;
  onError(error: unknown): void;
  /** Its last event. @param code the exit code, or -1 after a signal */
  onExit(code: number): void;
}

export interface HostSettings extends ThreadSettings {
  /** The built file; the package's own unless a test builds one. */
  file?: string | undefined;
  logger: Logger;
}

export type StartModelHost = (settings: HostSettings, events: HostEvents) => ModelHost;

const ownFile = () => join(findPackage().root, 'dist', 'model-thread.mjs');

/** In a thread: the model ends with this process, and takes no memory twice. */
export const startModelThread: StartModelHost = ({ file, logger, ...settings }, events) => {
  silenceModelRuntime();
  // stdout belongs to the protocol: what the runtime prints there becomes a log line.
  const worker = new Worker(file ?? ownFile(), { workerData: settings, stdout: true, name: 'model' });
  worker.stdout.on('data', (chunk: Buffer) => logger.debug({ text: String(chunk) }, 'the model printed'));
  worker.on('message', events.onAnswer);
  worker.on('error', events.onError);
  worker.on('exit', events.onExit);
  return { post: (request) => worker.postMessage(request), kill: () => void worker.terminate() };
};

/** In a process: all its memory is given back when it ends, which a thread's native memory is not. */
export const startModelProcess: StartModelHost = ({ file, logger, ...settings }, events) => {
  silenceModelRuntime();
  const child = fork(file ?? ownFile(), [JSON.stringify(settings)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: ['--max-semi-space-size=2'],
  });
  child.stdout?.on('data', (chunk: Buffer) => logger.debug({ text: String(chunk) }, 'the model printed'));
  child.on('message', (answer) => events.onAnswer(answer as ThreadAnswer));
  child.on('error', events.onError);
  child.on('exit', (code) => events.onExit(code ?? -1));
  return {
    // A process that has just ended is told of by its exit.
    post: (request) => void child.send(request, () => undefined),
    kill: () => void child.kill('SIGKILL'),
  };
};
