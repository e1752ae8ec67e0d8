import type { LRUCache } from 'lru-cache';
import type { Actor } from '../../actor/actor.js';
import type { AgentsService } from '../../coordination/agents/agents-service.js';
import type { Home } from '../../coordination/locks/choose-board.js';
import type { LocksService } from '../../coordination/locks/locks-service.js';
import type { PlacedFile } from '../../coordination/locks/place-file.js';
import type { NoticesService } from '../../coordination/notices/notices-service.js';
import type { SessionsService } from '../../coordination/sessions/sessions-service.js';
import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { Redactor } from '../../text/redact.js';
import type { CallerCheck } from '../identify/check-caller.js';
import type { HookAgent } from '../identify/hook-agent.js';
import type { FileState } from '../snapshots/file-states.js';
import type { Snapshotter } from '../snapshots/snapshot-files.js';
import type { Watched } from '../snapshots/snapshot-types.js';
import type { CommandRepository, EndedCommand } from './command-repository.js';
import type { CommitRepository } from './commit-repository.js';
import type { GuardRepository } from './guard-repository.js';
import type { PlaceRequestFiles } from './place-request-files.js';

/**
 * Glossary.
 * hook: a client's message that its agent is about to do something, or has done it. guard: the same from git.
 * verdict: the server's answer to a hook. hook context: for whom and where it decides.
 * holder: the agent whose lock covers a file. nobody: a person, or an agent that could not be found.
 * caller: the agent or the person that runs a command.
 */
export interface GuardDeps {
  repository: GuardRepository;
  commands: CommandRepository;
  commits: CommitRepository;
  locks: LocksService;
  sessions: SessionsService;
  agents: AgentsService;
  notices: Pick<NoticesService, 'takeText'>;
  readMemory: ReadMemory;
  redactor: Redactor;
  /** Which project a folder belongs to. */
  identities: Pick<ProjectIdentities, 'resolve'>;
  snapshots: Snapshotter;
  /** Calls of clients' tools that run. */
  watch: CommandWatch;
  callers: CallerCheck;
  /** Sessions of subagents, by the call that each makes of a tool of PopStash; see note-caller.ts. */
  calls: LRUCache<string, string>;
  /** A text with the commands in it as they work for those who read it. */
  word(text: string): string;
  /** Whether this warning is news to whom it concerns; it is none the next time. */
  isNews(warning: string): boolean;
  /** An agent was found to serve this session of its client, which calls itself so. Returns at once. */
  sessionKnown(agentId: string, client: string, session: string): void;
}

/** What is stored and matters when a client's session begins. */
export interface StoredMemory {
  stash: { name: string; summary: string; createdAt: Date; now: Date } | null;
  decisions: { topic: string; decision: string }[];
  /** There are more decisions than these. */
  hasMore: boolean;
}

export type ReadMemory = (place: {
  projectId: string;
  worktree: string;
  sessionId: string | null;
  task: string | null;
}) => Promise<StoredMemory>;

/** Records what clients' tools run. */
export interface CommandWatch {
  /** A tool call begins. @param files keys of the files that an edit writes; undefined for a command */
  begin(context: HookContext, files?: string[]): Promise<void>;
  /** It has returned. @param changed keys of held files that changed meanwhile; null when that is not known */
  end(context: HookContext, changed: readonly string[] | null): Promise<EndedCommand | null>;
  /** The agent waits for its user. */
  endAll(agentId: string): Promise<void>;
}

/** For whom and where a request is decided. */
export interface HookContext {
  request: HookRequest;
  projectId: string;
  /** Paths of locks are relative to it. */
  worktree: string;
  /** Where its files are placed from. */
  home: Home;
  place: PlaceRequestFiles;
  agent: HookAgent | null;
  /** Null for nobody. */
  actor: Actor | null;
}

/** Files where they are, by the paths that name them; null for what is no path there. */
export type PlacedFiles = ReadonlyMap<string, PlacedFile[] | null>;

/** What two snapshots of held files tell, before a command and after it. */
export interface ComparedFiles {
  /** Ids of the locks whose files were compared. */
  held: ReadonlySet<string>;
  /** When the first was begun, in ms since 1970. */
  at: number;
  /** Keys of paths that have changed. */
  changed: readonly string[];
  /** False where a bound left files out. */
  isKnown: boolean;
  /** Of a changed path: its content was not compared. */
  isUnsure(path: string): boolean;
  /** Of the changed paths after the command, by key. */
  files: ReadonlyMap<string, FileState | null>;
}

/** What a process on a member's machine asks for one of its hooks. */
export interface MemberAsk {
  request: HookRequest;
  memberId: string;
  /** Name of that machine. */
  host: string;
  /** Where the hook was run, its project known. */
  here: Workplace;
  placed: PlacedFiles;
  /**
   * How far above the hook the client is that it shares with each `popstash mcp` of that machine, by the pid of the latter. Null
   * where processes can't be seen.
   */
  related: ReadonlyMap<number, number> | null;
  /** After an edit: the states of its files, by absolute path. Undefined where that machine does not tell them. */
  written?: ReadonlyMap<string, FileState | null> | undefined;
  /** After a command: what has changed of the files that were watched; null where none were. */
  compared?: ComparedFiles | null | undefined;
}

/** Locks whose files a process on a member's machine compares, before a command and after it. */
export interface WatchOrder {
  locks: (Watched & { id: string; isElsewhere: boolean })[];
  /** False where there are more of them. */
  isAll: boolean;
}

/** The verdict on a hook of a member's machine, and what to watch until the command has ended. */
export interface MemberVerdict {
  verdict: HookVerdict;
  watch: WatchOrder | null;
}

/** Where a process of a member's machine runs. */
export type MemberProcess = Pick<MemberAsk, 'memberId' | 'host' | 'here' | 'related'>;

export const PASS: HookVerdict = { popstash: 'verdict', decision: 'pass' };

export function deny(message: string): HookVerdict {
  return { popstash: 'verdict', decision: 'deny', message };
}

export function tell(message: string): HookVerdict {
  return { popstash: 'verdict', decision: 'tell', message };
}
