// A process that ends while a thread of it waits for files which never answer: node SCRIPT THREAD FOLDER
import { defineFileTask } from '../../../src/files/file-task.js';
import { createFileThreads } from '../../../src/files/file-threads.js';

const [threadFile = '', folder = ''] = process.argv.slice(2);
const waitTask = defineFileTask('wait', (): null => null, { maxMs: 100 });
createFileThreads({ threadFile })
  .run(waitTask, folder)
  .catch(() => process.exit(0));
