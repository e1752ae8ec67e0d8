import { accessSync, constants } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { type GuardRunner, guardBlock } from '../guards/guard-block.js';
import { type GuardName, KEPT_FOLDER, MARKERS } from '../guards/guard-names.js';
import type { Target } from './install-types.js';
import { linkEntry, linkTarget, readEntry } from './link-entry.js';
import { isForeignEncoding, NO_TEXT } from './resolve-target.js';
import { cutBlock, putBlock } from './texts/text-block.js';

const SHELL = /^#!.*\b(sh|bash|dash|zsh|ksh)\b/;

export interface HookOptions {
  /** False where a manager runs the file by a shell of its own, and its mode is a team's. */
  isExecutable: boolean;
  /** A line of ours besides the guard. */
  note?: string;
}

/**
 * A guard in a hook of git. A shell script gets our lines at its beginning; a script of another language and a link, whose
 * target may be a file of the team or of other repositories, are kept beside it under their own name, and called by ours.
 */
export function hookTargets(path: string, name: GuardName, runner: GuardRunner, options: HookOptions): Target[] {
  const block = guardBlock(name, runner).replace('\n', options.note ? `\n# ${options.note}\n` : '\n');
  if (isForeignEncoding(path)) return [unreadableTarget(path, block)];
  const kept = join(dirname(path), KEPT_FOLDER, basename(path));
  const [current, keptNow] = [readEntry(path), readEntry(kept)];
  const isChained = keptNow !== null && current?.includes(MARKERS.begin) === true && current.includes(KEPT_FOLDER);
  const original = isChained ? fromKept(keptNow) : current;
  if (original === null || isShellScript(original)) return [shellTarget(path, block, options.isExecutable)];
  const moved = isChained ? keptNow : moveLink(original, (target) => `../${target}`);
  return [
    {
      path: kept,
      isExecutable: canRun(isChained ? kept : path),
      replacesLink: true,
      folders: [dirname(kept)],
      add: () => moved,
      remove: () => null,
    },
    {
      path,
      isExecutable: true,
      replacesLink: true,
      add: () => `#!/bin/sh\n${block}popstash_kept="$(dirname "$0")/${KEPT_FOLDER}/${name}"\n${RUN_KEPT}`,
      remove: () => original,
    },
  ];
}

function unreadableTarget(path: string, paste: string): Target {
  const refuse = () => {
    throw new Error(NO_TEXT);
  };
  return { path, isExecutable: true, replacesLink: true, paste, add: refuse, remove: (content) => content };
}

/** Git does not run a hook without a run bit. */
const RUN_KEPT = '[ ! -x "$popstash_kept" ] || exec "$popstash_kept" "$@"\n';

function isShellScript(entry: string): boolean {
  return linkTarget(entry) === null && (!entry.startsWith('#!') || SHELL.test(entry));
}

/** A relative link leads elsewhere from another folder. */
function moveLink(entry: string, change: (target: string) => string): string {
  const target = linkTarget(entry);
  return target === null || isAbsolute(target) ? entry : linkEntry(change(target));
}

function fromKept(entry: string): string {
  return moveLink(entry, (target) => target.replace(/^\.\.\//, ''));
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Our lines come first in a shell script: a later line may end it. */
function shellTarget(path: string, block: string, isExecutable: boolean): Target {
  return {
    path,
    isExecutable,
    replacesLink: true,
    add(before) {
      if (before?.includes('\0')) throw new Error('it is no script; run popstash guard in one');
      return putBlock(before ?? '#!/bin/sh\n', MARKERS, block, (text, lines) => {
        const head = text.startsWith('#!') ? text.indexOf('\n') + 1 || text.length : 0;
        const gap = head > 0 && text[head - 1] !== '\n' ? '\n' : '';
        return `${text.slice(0, head)}${gap}${lines}${text.slice(head)}`;
      });
    },
    remove(content) {
      const rest = cutBlock(content, MARKERS);
      return rest !== content && rest.trim() === '#!/bin/sh' ? null : rest;
    },
  };
}

/** Where a manager put a hook of ours that it found in the place of its own: only taken out. */
export function leftTargets(hook: string): Target[] {
  const kept = readEntry(join(dirname(hook), KEPT_FOLDER, basename(hook)));
  return [`${hook}.legacy`, `${hook}.old`].map((path) => {
    const target = shellTarget(path, '', true);
    const remove = (content: string) => {
      if (!content.includes(MARKERS.begin)) return content;
      return content.includes(KEPT_FOLDER) && kept !== null ? fromKept(kept) : target.remove(content);
    };
    return { ...target, remove, isOnlyRemoved: true };
  });
}
