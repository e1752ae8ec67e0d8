import type { AgentFacts } from '../../text/word-agent.js';

/** A task that is under way. */
export interface ActiveSession {
  id: string;
  task: string;
  startedAt: Date;
}

export interface EndedSession {
  sessionId: string;
  task: string;
  startedAt: Date;
  endedAt: Date;
  locks: { id: string; pattern: string }[];
  /** US dollars; null when it is not known. */
  costUsd: number | null;
}

/** An agent with a task or with locks; one entry for each of its tasks. */
export interface WorkingAgent {
  agentId: string;
  name: string;
  /** That agent, at work on `task`. */
  agent: AgentFacts;
  worktree: string | null;
  sessionId: string | null;
  task: string | null;
  files: string[];
  startedAt: Date;
  lastActive: Date;
}

export interface IdleAgent {
  agentId: string;
  name: string;
  agent: AgentFacts;
  lastActive: Date;
}
