/** One thing that happened. */
export interface TimelineEntry {
  /** Rises with time: the cursor. */
  id: string;
  at: Date;
  type: string;
  /** What it is about, as plain data: a name, a task, patterns. */
  subject: string;
  facts: Readonly<Record<string, unknown>>;
  agentId: string | null;
  /** Null once the agent's row is gone. */
  agentName: string | null;
  /** Our task. */
  sessionId: string | null;
}

export interface TimelineFilter {
  projectId: string;
  agentId?: string | undefined;
  type?: string | undefined;
  /** Inclusive. */
  since?: Date | undefined;
}

export interface TimelinePage {
  /** Newest first. */
  entries: TimelineEntry[];
  /** The cursor of the next page; null at the end. */
  next: string | null;
}
