// A thread for work on files that are not ours (built to dist/files-thread.cjs): they may not answer, and the server must.
import { parentPort } from 'node:worker_threads';
import { serveFileTasks } from '../../files/serve-file-tasks.js';
import { FILE_TASKS, LATER_TASKS } from './file-task-list.js';

if (!parentPort) throw new Error('files-thread is not a program: a server starts it');
serveFileTasks(parentPort, FILE_TASKS, LATER_TASKS);
