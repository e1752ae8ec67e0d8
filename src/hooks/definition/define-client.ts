import type { ClientFile, HookPlaces, HookSources, StatusLineFile } from './client-files.js';
import type { HookBinding } from './hook-binding.js';
import type { HookFormat } from './hook-format.js';
import { NO_OUTPUT } from './hook-output.js';
import type { Fields } from './payload-fields.js';

/** All that PopStash knows of one client: how its hooks speak, and what init writes for it. */
export interface ClientDefinition extends HookFormat {
  /** For people. */
  title: string;
  /** The client by whose name its hooks are started, where the two share a file; its own name, if left out. */
  hooksAs?: string;
  /** Its events that PopStash listens to; none for a client without hooks. */
  hooks: readonly HookBinding[];
  /** The file of a project that its agents read rules from; null where it reads none. */
  rules: string | null;
  /** Whether it is in use in a project: init connects it without being told to. */
  isUsedIn(worktree: string): boolean;
  /** The files that init writes for it. */
  files(places: InstallPlaces): ClientFile[];
  /** The files of a user that init writes for all projects and their subfolders; none where the client has no such files. */
  userFiles?(home: string): ClientFile[];
  /** Where its user says what it shows as its status line, and how; missing where it shows none of others. */
  statusLine?(home: string): StatusLineFile;
  /** What the client itself reads its hooks from when it is opened in a folder. */
  hookSources(places: HookPlaces): HookSources;
  /** Why the client does not start the server that a file of its names, or offers its agents no tool of it. */
  serverFault?(server: NamedServer): string | undefined;
  /** What it tells a hook before an edit of this file; doctor proves with it that the edit of a held file is denied. */
  samplePayload(file: string, cwd: string, session: string): object;
  /** What a user must do, or should know, once the files are written; one sentence each. */
  remarks?: readonly string[];
}

/** PopStash's entry among a client's servers. */
export interface NamedServer {
  entry: Fields;
  /** Of the whole file. */
  text: string;
  /** What the files of the client's hooks say, the weakest first. */
  settings: readonly Fields[];
}

export interface InstallPlaces {
  worktree: string;
  /** The user's home folder. */
  home: string;
}

export function defineClient(definition: ClientDefinition): ClientDefinition {
  return definition;
}

type WithoutHooks = Pick<
  ClientDefinition,
  'name' | 'calledAs' | 'tools' | 'hooks' | 'hookSources' | 'readPayload' | 'writeVerdict' | 'samplePayload'
>;

/** The part of a definition that is about hooks, for a client that has none, or none whose form is known. */
export function withoutHooks(name: string): WithoutHooks {
  return {
    name,
    calledAs: name,
    tools: { edits: [], shells: [] },
    hooks: [],
    hookSources: () => ({ kind: 'hooks', paths: [] }),
    readPayload: () => ({}),
    writeVerdict: () => NO_OUTPUT,
    samplePayload: () => ({}),
  };
}
