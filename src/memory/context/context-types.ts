import type { AgentFacts } from '../../text/word-agent.js';
import type { AuthorFacts } from '../authors/author-facts.js';
import type { Place } from '../excerpts/join-passage.js';
import type { Degradation, MemoryKind } from '../memory-types.js';
import type { Holds } from '../origins/origin-types.js';

export interface ContextEntry {
  kind: MemoryKind;
  id: string;
  /** A stash's name, an insight's key, a decision's topic. */
  label: string | null;
  /** The whole, or the passage that is relevant to the task. */
  text: string;
  /** Of the passage; null where the whole is shown. */
  place: Place | null;
  /** Sessions that marked it wrong. */
  wrongSessions: number;
  /** Undefined where no worktree is known. */
  holds?: Holds | undefined;
  author: AuthorFacts | null;
  createdAt: Date;
}

export interface OtherAgent {
  agentId: string;
  agent: AgentFacts;
  task: string;
  files: string[];
  /** Files that are not named. */
  moreFiles: number;
}

/** What an agent should know when it begins a task. */
export interface TaskContext {
  stashes: ContextEntry[];
  insights: ContextEntry[];
  decisions: (ContextEntry & { reasoning: string | null })[];
  otherAgents: OtherAgent[];
  /** What was relevant and had no room; absent kinds have nothing left out. */
  leftOut: Partial<Record<MemoryKind | 'agent', number>>;
  degraded: Degradation[];
}
