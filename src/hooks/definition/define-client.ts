import type { HookEvent, HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import type { ClientFile, HookPlaces, HookSources } from './client-files.js';
import type { HookBinding } from './hook-binding.js';
import type { HookOutput } from './hook-output.js';
import type { Fields } from './payload-fields.js';

/**
 * All that PopStash knows of one client. A definition is loaded by every hook, and an agent's edit waits for the hook:
 * it is data and small functions, and imports nothing but the files beside this one.
 */
export interface ClientDefinition {
  /** As `--client` has it, on the command line and in the commands that init writes. */
  name: string;
  /** For people. */
  title: string;
  /** Part of the name that it gives when it connects, and of its program's name. Lower case. */
  calledAs: string;
  /** Variable that tells its hooks the folder that it was opened in. */
  folderVariable?: string;
  /** Names of its tools, lower case. */
  tools: ToolNames;
  /** Its events that PopStash listens to. */
  hooks: readonly HookBinding[];
  /** The file of a project that its agents read rules from. */
  rules: string;
  /** Whether it is in use in a project: init connects it without being told to. */
  isUsedIn(worktree: string): boolean;
  /** The files that init writes for it. */
  files(places: InstallPlaces): ClientFile[];
  /** The files of a user that init writes for all projects and their subfolders; none where the client has no such files. */
  userFiles?(home: string): ClientFile[];
  /** What the client itself reads its hooks from when it is opened in a folder. */
  hookSources(places: HookPlaces): HookSources;
  /** Why the client does not start the server that a file of its names, or offers its agents no tool of it. */
  serverFault?(server: NamedServer): string | undefined;
  /** Reads a hook's payload. What of it can't be checked is said in `unchecked`. */
  readPayload(event: HookEvent, fields: Fields, readTool: ReadTool): ToolUse;
  /** Words a verdict in its own format. @param eventName its own name of the event, from the payload */
  writeVerdict(event: HookEvent, eventName: string | undefined, verdict: HookVerdict): HookOutput;
  /** What it tells a hook before an edit of this file; doctor proves with it that the edit of a held file is denied. */
  samplePayload(file: string, cwd: string, session: string): object;
}

/** PopStash's entry among a client's servers. */
export interface NamedServer {
  entry: Fields;
  /** Of the whole file. */
  text: string;
  /** What the files of the client's hooks say, the weakest first. */
  settings: readonly Fields[];
}

export interface ToolNames {
  /** Tools that write files. */
  edits: readonly string[];
  /** Tools that run commands. */
  shells: readonly string[];
}

export interface InstallPlaces {
  worktree: string;
  /** The user's home folder. */
  home: string;
}

/** What a payload says, in terms that all clients share. */
export type ToolUse = Pick<
  HookRequest,
  'session' | 'subagent' | 'action' | 'files' | 'command' | 'prompt' | 'call' | 'continued' | 'transcripts' | 'tool'
> & {
  cwd?: string | undefined;
  /** The client's own name of the event, which its answer may have to repeat. */
  eventName?: string | undefined;
  /** The folder that the call itself names: its relative paths begin there. */
  folder?: string | undefined;
  /** The files by another reading of their names: meant where they exist. */
  perhaps?: string[] | undefined;
  /** Why it is not known which files the call writes; undefined where it is known. */
  unchecked?: string | undefined;
};

/** What a tool call is about to do, by the tool's name and arguments; empty for a tool that PopStash need not hear of. */
export type ReadTool = (
  name: string | undefined,
  input: Fields,
) => Pick<ToolUse, 'action' | 'files' | 'command' | 'tool' | 'folder' | 'perhaps' | 'unchecked'>;

export function defineClient(definition: ClientDefinition): ClientDefinition {
  return definition;
}
