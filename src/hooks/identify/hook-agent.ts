/** A connected agent that a hook may belong to. */
export interface HookAgent {
  id: string;
  projectId: string;
  /** Speakable. */
  name: string;
  /** What its client calls itself. */
  client: string;
  /** Of its `popstash mcp`. */
  pid: number | null;
  /** Whether it runs on this host. */
  isLocal: boolean;
  worktree: string | null;
  /** The client's own name of the session that it serves, where a hook has told it. */
  clientSession: string | null;
  /** Whether a hook of its client was ever heard: then its commands are known. */
  isHooked: boolean;
  /** Whether notices wait for it. */
  hasNotices: boolean;
  /** Open sessions. */
  sessions: { id: string; parentId: string | null; subagent: string | null }[];
}
