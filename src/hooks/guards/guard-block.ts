import { shellCommand } from '../../text/shell-command.js';
import { type GuardName, MARKERS, OWN_FOLDER, RUN_SCRIPT } from './guard-names.js';

/** How a hook starts PopStash. */
export interface GuardRunner {
  /** Lines before its use. */
  setup: readonly string[];
  /** A condition of the shell: whether it is there. */
  isThere: string;
  /** The command of a guard, for a POSIX shell. */
  command(name: GuardName): string;
}

/** Names the program of this machine. @param flags what each command gets besides */
export function ownRunner(program: readonly string[], flags: readonly string[]): GuardRunner {
  return {
    setup: [],
    isThere: isProgramThere(program),
    command: (name) => shellCommand([...program, 'guard', name, ...flags], 'posix'),
  };
}

/**
 * Names nothing of this machine, for files that a team shares: the script of this repository (`runScript`), else what the
 * PATH has.
 */
export const SHARED_RUNNER: GuardRunner = {
  setup: [
    `popstash="$(git rev-parse --git-common-dir)/${OWN_FOLDER}/${RUN_SCRIPT}"`,
    '[ -x "$popstash" ] || popstash=popstash',
  ],
  isThere: 'command -v "$popstash" >/dev/null 2>&1',
  command: (name) => `"$popstash" guard ${name}`,
};

/** The script that starts PopStash on this machine; it does nothing when that is no longer installed. */
export function runScript(program: readonly string[], flags: readonly string[]): string {
  const command = [
    shellCommand([...program], 'posix'),
    '"$@"',
    ...(flags.length > 0 ? [shellCommand([...flags])] : []),
  ];
  return `#!/bin/sh\n${MARKERS.begin}\n${isProgramThere(program)} || exit 0\nexec ${command.join(' ')}\n${MARKERS.end}\n`;
}

function isProgramThere(program: readonly string[]): string {
  if (program.length === 1) return `command -v ${program[0]} >/dev/null 2>&1`;
  return `[ -f ${shellCommand(program.slice(-1), 'posix')} ]`;
}

/** The lines of a guard in a hook that is a shell script. They do nothing when PopStash is no longer installed. */
export function guardBlock(name: GuardName, runner: GuardRunner): string {
  return `${[MARKERS.begin, ...guardLines(name, runner), MARKERS.end].join('\n')}\n`;
}

function guardLines(name: GuardName, runner: GuardRunner): string[] {
  const { setup, isThere, command } = runner;
  switch (name) {
    case 'pre-commit':
    case 'pre-merge-commit':
      return [...setup, `if ${isThere}; then ${command(name)} || exit $?; fi`];
    case 'pre-push':
      return [
        ...setup,
        // The rest of this hook reads what git says on stdin too.
        'popstash_refs=$(cat)',
        `if ${isThere}; then printf '%s\\n' "$popstash_refs" | ${command(name)} "$@" || exit $?; fi`,
        ...GIVE_BACK,
      ];
    case 'reference-transaction':
      return [
        'if [ "$1" = prepared ]; then',
        ...READ_HEAD,
        ...READ_REFS,
        // Git alone tells that a ref moves to a commit that is here already, as nearly every one does.
        `if [ -n "$popstash_new" ] && [ -z "\${GIT_QUARANTINE_PATH-}" ] && [ -n "$(${FIND_NEW})" ]; then`,
        ...setup,
        `if ${isThere}; then printf '%s\\n' "$popstash_refs" | ${command(name)} "$1" || exit $?; fi`,
        'fi',
        ...GIVE_BACK,
        'fi',
      ];
  }
}

const GIVE_BACK = ['exec <<popstash_end', '$popstash_refs', 'popstash_end'];

/**
 * The commit that HEAD has, where git's files tell it without a process: most new branches, tags and worktrees begin there.
 * Git gives GIT_DIR to hooks of a worktree, and runs those of the main checkout in its top folder.
 */
const READ_HEAD = [
  `popstash_git=\${GIT_DIR:-.git} popstash_head= popstash_common=`,
  '{ read -r popstash_head <"$popstash_git/HEAD"; } 2>/dev/null || popstash_head=',
  'case $popstash_head in "ref: "*)',
  '{ read -r popstash_common <"$popstash_git/commondir"; } 2>/dev/null || popstash_common=.',
  'case $popstash_common in /*) ;; *) popstash_common=$popstash_git/$popstash_common ;; esac',
  `{ read -r popstash_head <"$popstash_common/\${popstash_head#ref: }"; } 2>/dev/null || popstash_head= ;;`,
  'esac',
];

/** What git says, and of it what branches, tags and a HEAD are about to name: without a process, since every ref waits. */
const READ_REFS = [
  'popstash_refs= popstash_new=',
  'while read -r popstash_old popstash_id popstash_ref; do',
  'popstash_refs="$popstash_refs$popstash_old $popstash_id $popstash_ref',
  '"',
  'case $popstash_ref in HEAD|refs/heads/*|refs/tags/*) case $popstash_id in *[!0]*)',
  'case $popstash_id in "$popstash_old"|"$popstash_head") ;; *) popstash_new="$popstash_new$popstash_id',
  '" ;; esac ;; esac ;; esac',
  'done',
  `popstash_refs=\${popstash_refs%?}`,
];

/** Also prints when git fails: the guard looks again. */
const FIND_NEW = `printf %s "$popstash_new" | git rev-list --max-count=1 --stdin --not --all --reflog 2>&1`;

/** The guard as one command of a shell, for the files of managers. @param more arguments of the command */
export function guardLine(name: GuardName, more = ''): string {
  const { setup, isThere, command } = SHARED_RUNNER;
  return [...setup, `! ${isThere} || ${command(name)}${more}`].join('; ');
}
