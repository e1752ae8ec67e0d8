// Three agents that work on one project, each through a client of its own, and what their tools answer.
import { connectClient, type TestClient } from '../processes/client.js';
import { createTestDatabase } from '../setup/database.js';
import type { EnvironmentChange } from '../setup/environment.js';
import { createDataFolder } from '../setup/folders.js';
import { waitUntil } from '../setup/wait-until.js';

export interface Conflict {
  file: string;
  held_by: string;
  name: string;
  client?: string;
  task: string | null;
  held_for: string;
  expires_in: string;
  last_active: string;
  pattern?: string;
  queued?: boolean;
  session_id?: string;
}

export interface Started {
  agent_id: string;
  session_id?: string;
  locks: { acquired: string[]; tokens?: number[]; expires_in?: string; conflicts: Conflict[] };
  context?: { other_agents: { id: string; name: string; task: string; files: string[]; more_files?: number }[] };
  suggestion?: string;
  redacted?: string[];
}

export interface Acquired {
  acquired: { pattern: string; token: number; expires_at: string; expires_in: string }[];
  conflicts: Conflict[];
  suggestion?: string;
}

export interface Working {
  active_agents: {
    agent_id: string;
    name: string;
    session_id?: string;
    task: string | null;
    files_locked: string[];
    started: string;
    last_active: string;
    you?: boolean;
  }[];
  idle_agents: { agent_id: string; name: string; last_active: string; you?: boolean }[];
}

/** Both modes, each with storage of its own. */
export const TEAM_MODES: { mode: string; start: () => Promise<EnvironmentChange> }[] = [
  { mode: 'server', start: async () => ({ DATABASE_URL: (await createTestDatabase()).url }) },
  { mode: 'embedded', start: async () => ({ POPSTASH_DATA_DIR: createDataFolder() }) },
];

export interface Team {
  alice: TestClient;
  bob: TestClient;
  carol: TestClient;
}

/** Connects the three and waits until each is known. */
export async function connectTeam(env: EnvironmentChange): Promise<Team> {
  const alice = await connectClient({ env, clientName: 'alice' });
  const bob = await connectClient({ env, clientName: 'bob' });
  const carol = await connectClient({ env, clientName: 'carol' });
  // An agent is known a moment after its client has connected.
  await waitUntil(
    async () => (await alice.call<Working>('who_is_working')).idle_agents.length === 3,
    'all to be there',
  );
  return { alice, bob, carol };
}

/** Ends their tasks and releases their locks. */
export async function endTasks({ alice, bob, carol }: Team): Promise<void> {
  for (const client of [alice, bob, carol]) {
    const { active_agents } = await client.call<Working>('who_is_working');
    for (const { you, session_id } of active_agents) {
      if (you && session_id) await client.call('end_task', { summary: 'The test is over', session_id });
    }
    await client.call('release', { patterns: ['**'] });
  }
}

export async function idOf(client: TestClient): Promise<string> {
  return (await client.call<{ agent_id: string }>('ping')).agent_id;
}
