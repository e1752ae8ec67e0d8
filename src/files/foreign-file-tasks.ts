import { defineFileTask } from './file-task.js';
import { readForeignFile } from './read-foreign-file.js';

/** @see readForeignFile */
export const readFileTask = defineFileTask('read-file', (path, maxBytes: number) => readForeignFile(path, maxBytes));
