import { symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createDataFolder, createFolder, MAIN } from './folders.js';

/** Values for a child's environment; undefined takes a variable away. */
export type EnvironmentChange = Readonly<Record<string, string | undefined>>;

/** Variables of the developer's own that must not reach a test's processes. */
const FOREIGN =
  /^(DATABASE_URL|REDIS_URL|NODE_OPTIONS|NO_COLOR|FORCE_COLOR|USERPROFILE|APPDATA|LOCALAPPDATA|(POPSTASH|OTEL|VITEST|npm)_(?!TEST_(RUN|FILE)$).*|(CLAUDE|CODEX|GEMINI|CLINE|XDG)_.*)$/;

let dataFolder: string | undefined;
let homeFolder: string | undefined;
let workFolder: string | undefined;
let programFolder: string | undefined;

/**
 * An environment without anything of the developer's: by default embedded mode in a folder of this file's own. Its home is empty,
 * since the product reads what clients keep there.
 */
export function childEnvironment(change: EnvironmentChange = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const home = change.HOME ?? defaultHomeFolder();
  const defaults = {
    POPSTASH_DATA_DIR: change.POPSTASH_DATA_DIR ?? defaultDataFolder(),
    HOME: home,
    // Texts name commands as they work here: as after an installation.
    PATH: `${defaultProgramFolder()}${delimiter}${process.env.PATH ?? ''}`,
    // Texts tell where an agent's user finds it: the same in every terminal that runs the tests.
    TMUX_PANE: '%7',
    ...(process.platform === 'win32' && { USERPROFILE: home }),
  };
  const merged = { ...Object.fromEntries(kept), ...defaults, ...change };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The folder that this file's processes run in, and so their project. */
export function defaultWorkFolder(): string {
  workFolder ??= createFolder('ps-work-');
  return workFolder;
}

/** The home of this file's processes. */
function defaultHomeFolder(): string {
  homeFolder ??= createFolder('ps-home-');
  return homeFolder;
}

/** With `popstash` in it. */
function defaultProgramFolder(): string {
  if (programFolder === undefined) {
    programFolder = createFolder('ps-bin-');
    symlinkSync(MAIN, join(programFolder, 'popstash'));
  }
  return programFolder;
}

function defaultDataFolder(): string {
  dataFolder ??= createDataFolder();
  return dataFolder;
}
