import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

/** Agents that are remembered; a process serves far fewer. */
const MAX_AGENTS = 10_000;

export type HeardAgents = ReturnType<typeof createHeardAgents>;

/** Which agents have a client whose hooks are heard. Hooks come to the process that serves the agent. */
export function createHeardAgents(pool: Pool) {
  const known = new LRUCache<string, boolean>({ max: MAX_AGENTS });
  /** Sessions of clients: their hooks are heard before an agent of them is known. */
  const sessions = new LRUCache<string, true>({ max: MAX_AGENTS });

  async function store(agentId: string): Promise<void> {
    await pool.query({
      name: 'guard_note_hook',
      text: 'UPDATE agents SET hooks_heard_at = now() WHERE id = $1 AND hooks_heard_at IS NULL',
      values: [agentId],
    });
  }

  async function read(agentId: string): Promise<boolean> {
    const { rows } = await pool.query<{ heard: boolean }>({
      name: 'guard_was_heard',
      text: 'SELECT hooks_heard_at IS NOT NULL AS heard FROM agents WHERE id = $1',
      values: [agentId],
    });
    return rows[0]?.heard ?? false;
  }

  return {
    /** A hook of the agent's client was heard. Nobody waits until that is stored. */
    note(agentId: string): void {
      if (known.get(agentId)) return;
      known.set(agentId, true);
      store(agentId).catch(() => known.delete(agentId));
    },
    /** A hook in this session of a client was heard that acts for no agent yet. */
    noteSession: (session: string) => void sessions.set(session, true),
    /** Asks the database once: what was heard before this process began. @param session of the agent's client */
    async isHeard(agentId: string, session: string | null): Promise<boolean> {
      if (session !== null && sessions.has(session)) return true;
      const heard = known.get(agentId) ?? (await read(agentId));
      if (!known.has(agentId)) known.set(agentId, heard);
      return known.get(agentId) ?? heard;
    },
  };
}
