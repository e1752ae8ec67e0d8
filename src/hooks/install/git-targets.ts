import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { shellCommand } from '../../text/shell-command.js';
import type { Invocation, Target } from './install-types.js';
import { readOrNull } from './read-or-null.js';
import { cutBlock, putBlock } from './text-block.js';

const MARKERS = { begin: '# popstash: begin (popstash init --undo takes this out)', end: '# popstash: end' };
const SHELL = /^#!.*\b(sh|bash|dash|zsh|ksh)\b/;
/** Suffix of the name under which a hook that is no shell script is kept; ours calls it. */
const MOVED = '.before-popstash';

/** The guards among git's hooks, in the folder where this repository keeps them; none outside a repository. */
export function gitTargets(worktree: string, start: Invocation): Target[] {
  const folder = findHooksFolder(worktree);
  if (folder === null) return [];
  return (['pre-commit', 'pre-push'] as const).flatMap((name) => hookTargets(join(folder, name), name, start));
}

/** Git's hooks folder, which all worktrees of a repository share unless core.hooksPath differs; null outside one. */
export function findHooksFolder(worktree: string): string | null {
  try {
    const output = execFileSync('git', ['rev-parse', '--git-path', 'hooks'], {
      cwd: worktree,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return resolve(worktree, output.replace(/\r?\n$/, ''));
  } catch {
    return null;
  }
}

function hookTargets(path: string, name: 'pre-commit' | 'pre-push', start: Invocation): Target[] {
  const original = readOrNull(path);
  if (!original?.startsWith('#!') || SHELL.test(original)) return [shellTarget(path, name, start)];
  // A script of another language: kept under another name, and called by ours.
  const moved = `${path}${MOVED}`;
  return [
    { path: moved, isExecutable: true, add: () => original, remove: () => null },
    {
      path,
      isExecutable: true,
      add: () => `#!/bin/sh\n${block(name, start)}exec "$0${MOVED}" "$@"\n`,
      remove: () => original,
    },
  ];
}

/** Our lines come first in a shell script: a later line may end it. */
function shellTarget(path: string, name: 'pre-commit' | 'pre-push', start: Invocation): Target {
  return {
    path,
    isExecutable: true,
    add(before) {
      if (before?.includes('\0')) throw new Error(`it is no script; call this in one: ${guardCommand(name, start)}`);
      return putBlock(before ?? '#!/bin/sh\n', MARKERS, block(name, start), (text, lines) => {
        const head = text.startsWith('#!') ? text.indexOf('\n') + 1 || text.length : 0;
        const gap = head > 0 && text[head - 1] !== '\n' ? '\n' : '';
        return `${text.slice(0, head)}${gap}${lines}${text.slice(head)}`;
      });
    },
    remove(content) {
      const rest = cutBlock(content, MARKERS);
      return rest.trim() === '#!/bin/sh' ? null : rest;
    },
  };
}

/** The lines of the guard. They do nothing when PopStash is no longer installed. */
function block(name: 'pre-commit' | 'pre-push', start: Invocation): string {
  const { program } = start;
  const command = guardCommand(name, start);
  const isThere =
    program.length === 1
      ? `command -v ${program[0]} >/dev/null 2>&1`
      : `[ -f ${shellCommand(program.slice(-1), 'posix')} ]`;
  const lines =
    name === 'pre-commit'
      ? [`if ${isThere}; then ${command} || exit $?; fi`]
      : [
          // The rest of this hook reads what git says on stdin too.
          'popstash_refs=$(cat)',
          `if ${isThere}; then printf '%s\\n' "$popstash_refs" | ${command} "$@" || exit $?; fi`,
          'exec <<popstash_end',
          '$popstash_refs',
          'popstash_end',
        ];
  return `${[MARKERS.begin, ...lines, MARKERS.end].join('\n')}\n`;
}

function guardCommand(name: string, { program, flags }: Invocation): string {
  return shellCommand([...program, 'guard', name, ...flags], 'posix');
}
