import { relative } from 'node:path';
import type { Refusal } from '../../hooks/install/change-files.js';
import type { FileChange, Target } from '../../hooks/install/install-types.js';
import { quotePath } from '../../text/quote-text.js';
import { oneLine, ownLines } from '../output/show-text.js';
import type { InitOptions } from './init-options.js';

/** Characters of a path. */
const MAX_PATH = 1_000;

type Action = 'create' | 'change' | 'delete';

function actionOf({ before, after }: FileChange): Action {
  return before === null ? 'create' : after === null ? 'delete' : 'change';
}

/** A change for scripts. */
export function describeChange(change: FileChange): { path: string; action: Action } {
  return { path: change.path, action: actionOf(change) };
}

/** The summary that stands before the differences: each file in a line. */
export function listChanges(changes: readonly FileChange[], worktree: string): string[] {
  if (changes.length === 0) return [];
  const count = (action: Action) => changes.filter((change) => actionOf(change) === action).length;
  const sums = (['create', 'change', 'delete'] as const).filter((action) => count(action) > 0);
  const words = { create: 'new', change: 'changed', delete: 'deleted' };
  const lines = changes.map((change) => {
    const inside = relative(worktree, change.path);
    const shown = inside.startsWith('..') ? change.path : inside;
    return `  ${words[actionOf(change)].padEnd(7)}  ${quotePath(shown, MAX_PATH)}`;
  });
  return [`${changes.length} files: ${sums.map((each) => `${count(each)} ${words[each]}`).join(', ')}`, ...lines, ''];
}

/** Files that are left alone, with what a person would write into them, and what the user should know. */
export function listRefused(refused: readonly Refusal[], notes: readonly string[]): string[] {
  return [
    ...refused.flatMap(({ path, reason, paste }) => [
      `${quotePath(path, MAX_PATH)} is left alone: ${oneLine(reason)}`,
      ...(paste === undefined
        ? []
        : [
            'To add by hand:',
            ...ownLines(paste)
              .split('\n')
              .map((line) => `  ${line}`),
          ]),
      '',
    ]),
    ...notes.map((note) => `Note: ${oneLine(note)}\n`),
  ];
}

/** What was done, and what comes next. */
export function concludeInit(
  changes: readonly FileChange[],
  isDone: boolean,
  targets: readonly Target[],
  { undo, user }: InitOptions,
): string {
  if (changes.length === 0)
    return undo ? 'Nothing of PopStash is left to take out.' : `All ${targets.length} files are as they should be.`;
  if (!isDone) return 'Nothing was changed.';
  const flag = user ? ' --user' : '';
  return undo
    ? `Taken out of ${changes.length} files.`
    : `Changed ${changes.length} files. Restart your client, then run popstash doctor. popstash uninstall${flag} takes it all out.`;
}
