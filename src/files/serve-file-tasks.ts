import type { MessagePort } from 'node:worker_threads';
import type { FileTask } from './file-task.js';

export interface TaskRequest {
  name: string;
  args: readonly unknown[];
}

/** `ready`: the thread has started, and takes its first task. */
export type TaskAnswer = { ready: true } | { result: unknown } | { problem: string; code?: string | undefined };

// biome-ignore lint/suspicious/noExplicitAny: tasks of any arguments stand in one list
export type AnyFileTask = FileTask<any, unknown>;

/** Tasks by name that are loaded when they are first asked for: few threads need them. */
export type LaterTasks = Readonly<Record<string, () => Promise<AnyFileTask>>>;

/** A thread's side: says that it is ready, then answers. Whoever sends waits for the answer before it sends the next task. */
export function serveFileTasks(port: MessagePort, tasks: readonly AnyFileTask[], later: LaterTasks): void {
  const byName = new Map(tasks.map((task) => [task.name, task]));

  async function answer({ name, args }: TaskRequest): Promise<TaskAnswer> {
    try {
      const task = byName.get(name) ?? (await later[name]?.());
      if (!task) throw new Error(`file-task-list.ts does not name the task ${name}`);
      return { result: await task.run(...args) };
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      return { problem: message ?? String(error), code };
    }
  }

  port.on('message', (request: TaskRequest) => {
    // biome-ignore lint/nursery/noFloatingPromises: it never rejects
    answer(request).then((answered) => port.postMessage(answered));
  });
  port.postMessage({ ready: true } satisfies TaskAnswer);
}
