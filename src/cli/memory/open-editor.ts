import { spawn } from 'node:child_process';
import type { Environment } from '../../config.js';
import { AppError } from '../../errors.js';

/**
 * Opens a file in the user's editor and waits until it is closed: VISUAL, else EDITOR, else vi, or notepad on Windows.
 * The value may have arguments, so a shell runs it, as git does; the path is passed beside it.
 * @throws AppError `not_found` when it can't be run, `conflict` when it ends with an error
 */
export async function openEditor(env: Environment, path: string): Promise<void> {
  const isWindows = process.platform === 'win32';
  const editor = env.VISUAL ?? env.EDITOR ?? (isWindows ? 'notepad' : 'vi');
  const child = isWindows
    ? spawn(`${editor} "${path}"`, { shell: true, stdio: 'inherit' })
    : spawn('/bin/sh', ['-c', `${editor} "$1"`, editor, path], { stdio: 'inherit' });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code === 0) return;
  throw new AppError({
    code: code === 127 ? 'not_found' : 'conflict',
    message: code === 127 ? `The editor ${editor} is not there.` : `The editor ${editor} ended with code ${code}.`,
    fix: 'Set EDITOR to an editor that waits until the file is closed, or give the new text with --file.',
  });
}
