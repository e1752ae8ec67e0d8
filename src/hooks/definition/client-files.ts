import type { HookBinding } from './hook-binding.js';
import type { Fields } from './payload-fields.js';

/** How a client starts the MCP server. */
export interface ServerEntry {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

interface OwnedFile {
  /** Folders that exist for such files alone, innermost first: removed with the last of them. */
  folders?: readonly string[];
}

/** A JSON file with the client's list of MCP servers. */
export interface ServersFile extends OwnedFile {
  kind: 'servers';
  /** Absolute. */
  path: string;
  /** The field that holds the servers, by their names. */
  field: string;
  /** The entry in the client's own format; as it is when left out. */
  entry?: (server: ServerEntry) => object;
}

/** A TOML file with a table for each MCP server. */
export interface ServerTablesFile extends OwnedFile {
  kind: 'server-tables';
  path: string;
  /** The table that holds those of the servers. */
  table: string;
}

/** How a hook is started, for each shell that a client may use. */
export interface HookCommands {
  /** For the shell that the client uses on this system. */
  command: string;
  posix: string;
  powershell: string;
}

/** A JSON file with lists of hooks, each in the field that its event names. */
export interface HooksFile extends OwnedFile {
  kind: 'hooks';
  path: string;
  /** Where the events stand: in the field `hooks`, or in the file's own object. */
  at?: 'hooks' | 'top';
  /** Version of the format, for a file that has none. */
  version?: number;
  /** One entry of an event's list. */
  entry(binding: HookBinding, commands: HookCommands): object;
}

/** A program of ours that a client loads. */
export interface PluginFile extends OwnedFile {
  kind: 'plugin';
  path: string;
  /** @param word the command of a POSIX shell for an event */
  text(word: (event: string) => string): string;
}

/** A folder with one executable POSIX shell script for each event, named as the event. */
export interface ScriptsFolder extends OwnedFile {
  kind: 'scripts';
  path: string;
}

/** A JSON file whose field says what a client shows as its status line. */
export interface StatusLineFile extends OwnedFile {
  path: string;
  field: string;
  value(command: string): { command: string };
}

/** A file of a client that init writes its part into; described, so that no hook loads what edits it. */
export type ClientFile = ServersFile | ServerTablesFile | HooksFile | ScriptsFolder | PluginFile;

/** Where a client looks for hooks when it is opened in a folder. */
export interface HookPlaces {
  /** The folder that it is opened in. */
  folder: string;
  /** The user's home folder. */
  home: string;
  /** The user's environment, for clients with a variable for their settings' folder. */
  variables: Readonly<Record<string, string | undefined>>;
}

/** What a client reads its hooks from. */
export interface HookSources {
  /** JSON files with lists of hooks, folders with one script for each event, or plugins of ours. */
  kind: 'hooks' | 'scripts' | 'plugins';
  /** Absolute. A later file's settings count over those of an earlier one; the hooks of all are run. */
  paths: readonly string[];
  /** A field of such a file that switches off all hooks of all files when it is true. */
  offSwitch?: string;
  /** A file, and a field of it that switches off the hooks of all other files when it is true. */
  onlyOwn?: { path: string; field: string };
  /** A field with variables that the client gives to its servers and hooks. */
  variables?: string;
  /** What else the client demands of such a file before it runs a hook of it. */
  rules?: HookRules;
}

/** Rules by which a client leaves out hooks that stand in its files; each gives a reason, or undefined. */
export interface HookRules {
  /** The whole file counts as nothing. */
  fileFault(text: string, settings: Fields): string | undefined;
  /** None of the hooks of an event is run. @param groups what the event's field holds */
  eventFault(groups: unknown): string | undefined;
  /** One hook is not run, or can't deny. */
  hookFault(hook: Fields): string | undefined;
  /** Whether a matcher names the tool. */
  matches(matcher: string, tool: string): boolean;
}

/** Seconds that a client waits for a hook at most. The hook itself gives up long before. */
export const HOOK_TIMEOUT_SECONDS = 10;
/** Seconds below which a client may cut a hook off before its verdict: the hook itself waits 1.5 s for its server. */
export const MIN_HOOK_TIMEOUT_SECONDS = 2;
