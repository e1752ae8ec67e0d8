import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

/** Agents that are remembered; a process serves far fewer. */
const MAX_AGENTS = 10_000;

export type HeardAgents = ReturnType<typeof createHeardAgents>;

/** Which agents have a client whose hooks are heard. Hooks come to the process that serves the agent. */
export function createHeardAgents(pool: Pool) {
  const known = new LRUCache<string, boolean>({ max: MAX_AGENTS });

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
    /** Asks the database once: what was heard before this process began. */
    async isHeard(agentId: string): Promise<boolean> {
      const heard = known.get(agentId) ?? (await read(agentId));
      if (!known.has(agentId)) known.set(agentId, heard);
      return known.get(agentId) ?? heard;
    },
  };
}
