import type { Workplace } from '../project/resolve-project.js';

/** A row of `projects`, as far as identity goes. */
export interface ProjectRow {
  id: string;
  root: string;
  name: string | null;
  rootCommits: string[] | null;
  remote: string | null;
  twinId: string | null;
  /** An agent has worked in it. */
  isSettled: boolean;
  mergedInto: string | null;
}

/** Which project a place belongs to. */
export interface Choice {
  id: string;
  /** Another project that it may be one with: a person is asked. */
  twinId: string | null;
  /** A person joined the place to a project that lives elsewhere too. */
  isLinked: boolean;
}

/** What a person is asked about a project. */
export interface ProjectQuestion {
  project: string;
  twin: { id: string; root: string; name: string | null; memories: number };
  /** The twin's place is still there. */
  isThere: boolean;
}

/** A workplace whose project is settled, and what is asked about it. */
export interface SettledWorkplace {
  workplace: Workplace;
  question: ProjectQuestion | null;
  /** Its repository has no commit yet, or git did not tell: clones of it would not be known. */
  lacksHistory: boolean;
}

/** A project as people see it in a list. */
export interface ProjectSummary {
  id: string;
  root: string;
  name: string | null;
  memories: number;
  /** Connected. */
  agents: number;
  requests: number;
  /** Of its last activity; null where there is none. */
  lastActive: Date | null;
  twinId: string | null;
}
