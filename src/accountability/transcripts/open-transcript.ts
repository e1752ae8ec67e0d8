import { dirname } from 'node:path';
import { runFileTask } from '../../files/run-file-task.js';
import { type FileFacts, transcriptTasks } from './transcript-tasks.js';

/** A client's file that is read piece by piece. */
export interface Transcript extends FileFacts {
  /**
   * Reads into a buffer. Fewer bytes than asked for: the file ends there, or is another one by now.
   * @throws AppError `timeout` when the file does not answer
   */
  read(buffer: Buffer, length: number, position: number): Promise<number>;
}

/** @throws an error with the code ENOENT where there is no such regular file; AppError `timeout` */
export async function openTranscript(path: string): Promise<Transcript> {
  const [facts] = await runFileTask(transcriptTasks.look, dirname(path), [path]);
  if (!facts) throw Object.assign(new Error('there is no such regular file'), { code: 'ENOENT' });
  return {
    ...facts,
    async read(buffer, length, position) {
      const bytes = await runFileTask(transcriptTasks.read, path, facts.inode, position, length);
      if (bytes) buffer.set(bytes);
      return bytes?.length ?? 0;
    },
  };
}
