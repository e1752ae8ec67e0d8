import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import type { CostToday } from '../output/describe-status.js';
import { connectToServer, type ServerSession } from './ask-server.js';
import type { CommandContext } from './command-context.js';
import { isServerRunning } from './server-running.js';
import { chooseTimezone } from './time-options.js';

/** What is known of a project and its agents now; `answer` is null where no server runs. */
export interface StatusReport {
  answer: AdminAnswer<'status'> | null;
  cost: CostToday;
  /** Git's guards that init has installed, and that are gone. */
  lostGuards: { names: readonly string[]; warning: string } | null;
}

export interface StatusReader {
  /** Looks; starts no server. @throws AppError */
  read(): Promise<StatusReport>;
  close(): Promise<void>;
}

/** Reads the status again and again over one connection. */
export function openStatus(context: CommandContext): StatusReader {
  let session: ServerSession | null = null;

  async function close(): Promise<void> {
    const open = session;
    session = null;
    await open?.close();
  }

  async function ask(): Promise<Omit<StatusReport, 'lostGuards'>> {
    if (!(await isServerRunning(context))) {
      await close();
      return { answer: null, cost: null };
    }
    session ??= await connectToServer(context);
    try {
      const answer = await session.ask('status', undefined);
      return { answer, cost: await readCost(context, session) };
    } catch (error) {
      await close();
      throw error;
    }
  }

  return { read: async () => ({ ...(await ask()), lostGuards: await findLost() }), close };
}

/** Null in server mode, where the fronts know no costs; a team's server knows them. */
async function readCost({ env }: CommandContext, session: ServerSession): Promise<CostToday> {
  const { chooseMode, isOfTeam } = await import('../../config.js');
  if (chooseMode(env) === 'server' && !isOfTeam(env)) return null;
  const scope = { since: 'today', allProjects: false, timezone: chooseTimezone(undefined, env) };
  return (await session.ask('costs', { by: 'day', ...scope })).report.total;
}

async function findLost(): Promise<StatusReport['lostGuards']> {
  const { describeLostGuards, findLostGuards } = await import('../../hooks/guards/find-lost-guards.js');
  const { locateProject } = await import('../../project/locate-project.js');
  const lost = findLostGuards(locateProject(process.cwd(), undefined).worktree);
  return lost && { names: lost.names, warning: describeLostGuards(lost, 'Put them back: popstash init') };
}
