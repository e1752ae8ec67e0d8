import type { Environment } from '../../config.js';
import type { HookEvent, HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import type { HookOutput } from './hook-output.js';
import type { Fields } from './payload-fields.js';

/**
 * How the hooks of one client speak. Every hook loads all formats, and an agent's edit waits for the hook: a format is data and
 * small functions, and imports nothing but the files beside this one.
 */
export interface HookFormat {
  /** As `--client` has it, in the commands that init writes. */
  name: string;
  /** Part of the name that the client gives when it connects, and of its program's name. Lower case. */
  calledAs: string;
  /** Variable that tells its hooks the folder that it was opened in. */
  folderVariable?: string;
  /** Names of its tools, lower case. */
  tools: ToolNames;
  /** For a client that also runs the hooks of another one's files. */
  borrows?: BorrowedHooks;
  /** For a client whose plugins bring hooks: the files of settings whose hooks it runs besides. */
  settingsFiles?(folder: string, env: Environment): string[];
  /** Reads a hook's payload. What of it can't be checked is said in `unchecked`. */
  readPayload(event: HookEvent, fields: Fields, readTool: ReadTool): ToolUse;
  /** Words a verdict in the client's own form. @param eventName its own name of the event, from the payload */
  writeVerdict(event: HookEvent, eventName: string | undefined, verdict: HookVerdict): HookOutput;
}

export interface ToolNames {
  /** Tools that write files. */
  edits: readonly string[];
  /** Tools that run commands. */
  shells: readonly string[];
}

/** A client that runs the hooks of another client's files besides its own. */
export interface BorrowedHooks {
  /** Whether this client runs the hook: by its payload and its environment. */
  isRunner(fields: Fields, env: Environment): boolean;
  /** The files of its own hooks: where PopStash stands in one of them, the borrowed hook has nothing to do. */
  ownFiles(folder: string, home: string): string[];
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
