import { dirname, join } from 'node:path';
import { shellCommand } from '../../../text/shell-command.js';
import type { Target } from '../install-types.js';

/** What a launcher is made of. */
export interface LauncherFacts {
  /** Its own path. */
  path: string;
  /** Folder of the package that init was run from. */
  root: string;
  /** The Node that ran init. */
  node: string;
  /** Of the package: what `npx` is asked for where the package is nowhere. */
  major: number;
  /** What applies where POPSTASH_GUARD is not set. */
  guard: string;
}

/** The launcher as a file that init writes. */
export function launcherTarget(facts: LauncherFacts): Target {
  const isWindows = facts.path.endsWith('.cmd');
  const text = isWindows ? windowsLauncher(facts) : posixLauncher(facts);
  return {
    path: facts.path,
    isExecutable: true,
    isOfMachine: true,
    folders: [dirname(facts.path)],
    add: () => text,
    remove: () => null,
  };
}

/** Names of Node's versions that PopStash runs on, as folders. */
const VERSIONS = 'v[2-9][0-9].*';

/**
 * Two tests of a file and no process, unless something has moved: it stands before every edit of an agent. Functions of a POSIX
 * shell only.
 */
function posixLauncher({ path, root, node, major, guard }: LauncherFacts): string {
  const own = join(dirname(dirname(path)), 'app', 'node_modules', 'popstash');
  const quote = (word: string) => shellCommand([word], 'posix');
  return `#!/bin/sh
# Installed by popstash init; popstash uninstall removes it with the last project. Starts PopStash, wherever it and Node are now.
root=${quote(root)}
node=${quote(node)}

# @param what is wrong: one line; then a hook or a guard lets pass or refuses, as POPSTASH_GUARD has it
fail() {
  echo "popstash: $1" >&2
  case "$command \${POPSTASH_GUARD:-${guard}}" in
  "hook pre-tool-use guarded") exit 2 ;;
  "guard "*" guarded") exit 1 ;;
  "hook "* | "guard "*) exit 0 ;;
  esac
  exit 127
}
command="$1 $2"

nvm=\${NVM_DIR:-$HOME/.nvm}/versions/node
volta=\${VOLTA_HOME:-$HOME/.volta}
fnm=\${FNM_DIR:-$HOME/.local/share/fnm}

if [ ! -x "$node" ]; then
  node=
  for each in "$nvm"/${VERSIONS}/bin/node "$volta/bin/node" "$fnm/aliases/default/bin/node" \\
    "$fnm"/node-versions/${VERSIONS}/installation/bin/node "$(command -v node 2>/dev/null)" \\
    "$HOME/.local/share/mise/shims/node" /opt/homebrew/bin/node /usr/local/bin/node /usr/bin/node; do
    if [ -x "$each" ]; then node=$each; break; fi
  done
  [ -n "$node" ] || fail "no Node is found any more (nvm, Volta, fnm and the PATH were looked at). Install Node 22 or later"
fi

if [ ! -f "$root/dist/main.js" ]; then
  root=
  onpath=$(readlink -f "$(command -v popstash 2>/dev/null)" 2>/dev/null)
  for each in ${quote(own)} "\${onpath%/dist/main.js}" "\${node%/bin/node}/lib/node_modules/popstash" \\
    "$nvm"/*/lib/node_modules/popstash "$volta/tools/image/packages/popstash/lib/node_modules/popstash" \\
    "$fnm"/node-versions/*/installation/lib/node_modules/popstash "$HOME/.npm-global/lib/node_modules/popstash" \\
    /opt/homebrew/lib/node_modules/popstash /usr/local/lib/node_modules/popstash /usr/lib/node_modules/popstash \\
    "\${npm_config_cache:-$HOME/.npm}"/_npx/*/node_modules/popstash; do
    if [ -f "$each/dist/main.js" ]; then root=$each; break; fi
  done
  if [ -z "$root" ]; then
    # A hook must not wait for a download.
    if [ "$1" != hook ] && [ "$1" != guard ] && [ -x "\${node%node}npx" ]; then
      exec "\${node%node}npx" -y popstash@${major} "$@"
    fi
    fail "its program is not there any more. Run: npx -y popstash@${major} init"
  fi
fi

if [ "$1" = hook ]; then
  shift
  exec "$node" "$root/dist/hook.cjs" "$@"
fi
exec "$node" "$root/dist/main.js" "$@"
`;
}

/** The same for the command prompt of Windows. */
function windowsLauncher({ path, root, node, major, guard }: LauncherFacts): string {
  const own = join(dirname(dirname(path)), 'app', 'node_modules', 'popstash');
  const lines = [
    '@echo off',
    'rem Installed by popstash init; popstash uninstall removes it with the last project.',
    'setlocal',
    `set "root=${escapeForSet(root)}"`,
    `set "node=${escapeForSet(node)}"`,
    `if not defined POPSTASH_GUARD set "POPSTASH_GUARD=${guard}"`,
    'if exist "%node%" goto program',
    'set "node="',
    'for %%n in ("%NVM_SYMLINK%\\node.exe" "%LOCALAPPDATA%\\Volta\\bin\\node.exe" "%FNM_MULTISHELL_PATH%\\node.exe" "%ProgramFiles%\\nodejs\\node.exe") do if not defined node if exist %%n set "node=%%~n"',
    'for %%n in (node.exe) do if not defined node set "node=%%~$PATH:n"',
    'if not defined node (',
    '  echo popstash: no Node is found any more. Install Node 22 or later>&2',
    '  goto fail',
    ')',
    ':program',
    'if exist "%root%\\dist\\main.js" goto run',
    'set "root="',
    `for %%r in ("${escapeForSet(own)}" "%APPDATA%\\npm\\node_modules\\popstash" "%ProgramFiles%\\nodejs\\node_modules\\popstash") do if not defined root if exist "%%~r\\dist\\main.js" set "root=%%~r"`,
    'if not defined root (',
    `  echo popstash: its program is not there any more. Run: npx -y popstash@${major} init>&2`,
    '  goto fail',
    ')',
    ':run',
    '"%node%" "%root%\\dist\\main.js" %*',
    'exit /b %errorlevel%',
    ':fail',
    'if "%~1 %~2 %POPSTASH_GUARD%"=="hook pre-tool-use guarded" exit /b 2',
    'if "%~1 %POPSTASH_GUARD%"=="guard guarded" exit /b 1',
    'if "%~1"=="hook" exit /b 0',
    'if "%~1"=="guard" exit /b 0',
    'exit /b 127',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Within `set "…"` only a percent sign means something. */
function escapeForSet(text: string): string {
  return text.replaceAll('%', '%%');
}
