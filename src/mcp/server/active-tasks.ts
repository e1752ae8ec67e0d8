/** The active tasks (sessions) of one connection, oldest first. */
export interface ActiveTasks {
  /** The session that a call acts in: the one it names, else the only active one, else none. */
  choose(named: unknown): string | null;
  isEmpty(): boolean;
  started(sessionId: string): void;
  ended(sessionId: string): void;
  /** Replaces them all, by what the database knows. */
  replace(sessionIds: readonly string[]): void;
}

export function createActiveTasks(): ActiveTasks {
  let sessions: string[] = [];
  return {
    choose(named) {
      if (typeof named === 'string' && sessions.includes(named)) return named;
      return sessions.length === 1 ? (sessions[0] ?? null) : null;
    },
    isEmpty: () => sessions.length === 0,
    started(id) {
      if (!sessions.includes(id)) sessions.push(id);
    },
    ended(id) {
      sessions = sessions.filter((session) => session !== id);
    },
    replace(ids) {
      sessions = [...ids];
    },
  };
}
