import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import * as z from 'zod';
import type { LiveLock, LockWaiter } from '../../coordination/locks/lock-types.js';
import type { IdleAgent, WorkingAgent } from '../../coordination/sessions/session-types.js';
import type { ProjectStatus } from '../../coordination/status/status-repository.js';
import { translateDatabaseError } from '../../db/database-errors.js';
import { AppError } from '../../errors.js';
import type { Project } from '../../project/resolve-project.js';
import type { Services } from '../services.js';
import { forceRelease } from './force-release.js';

/**
 * What people ask through the command line, over the same connection as agents: in embedded mode only the local server
 * may open the data. Requests outside MCP's own methods, so that no agent is offered them as tools.
 */
export const CLI_CLIENT_NAME = 'popstash-cli';

export const statusRequest = z.object({ method: z.literal('popstash/status') });
export const locksRequest = z.object({ method: z.literal('popstash/locks') });
export const releaseLocksRequest = z.object({
  method: z.literal('popstash/release-locks'),
  params: z.object({ patterns: z.array(z.string()).min(1), reason: z.string(), by: z.string() }),
});
export const restoreRequest = z.object({
  method: z.literal('popstash/restore'),
  params: z.object({ id: z.string() }),
});

/** An answer, or an AppError's facts: JSON-RPC errors would lose the fix. */
export const adminResult = z.looseObject({
  error: z.object({ code: z.string(), message: z.string(), fix: z.string() }).optional(),
});

export interface LocksAnswer {
  locks: LiveLock[];
  waits: LockWaiter[];
  now: Date;
}

export interface AgentsAnswer {
  active: WorkingAgent[];
  idle: IdleAgent[];
  now: Date;
}

export interface StatusAnswer extends LocksAnswer, AgentsAnswer {
  status: ProjectStatus;
  mode: string;
  version: string;
  degraded: string[];
}

/** Answers the command line's requests on this connection. */
export function addAdminRequests(
  server: Server,
  options: { ready: () => Promise<Services>; project: Project; mode: string; version: string },
): void {
  const { ready, project, mode, version } = options;
  server.setRequestHandler(statusRequest, () =>
    answer(async () => {
      const services = await ready();
      const [status, board, agents] = await Promise.all([
        services.status.read(project),
        readLocks(services, project),
        services.sessions.whoIsWorking(project.id),
      ]);
      return { status, ...board, ...agents, mode, version, degraded: services.degraded() };
    }),
  );
  server.setRequestHandler(locksRequest, () => answer(async () => ({ ...(await readLocks(await ready(), project)) })));
  server.setRequestHandler(releaseLocksRequest, ({ params }) =>
    answer(async () => ({ ...(await forceRelease(await ready(), project, params)) })),
  );
  server.setRequestHandler(restoreRequest, ({ params }) =>
    answer(async () => {
      await (await ready()).forget.restore(project.id, params.id);
      return { restored: params.id };
    }),
  );
}

async function readLocks({ locks }: Services, project: Project): Promise<LocksAnswer> {
  const { waiters, ...board } = await locks.list(project.id);
  return { ...board, waits: waiters };
}

async function answer(work: () => Promise<Record<string, unknown>>): Promise<Record<string, unknown>> {
  try {
    return await work();
  } catch (error) {
    const translated = translateDatabaseError(error);
    if (!(translated instanceof AppError)) throw error;
    const { code, message, fix } = translated;
    return { error: { code, message, fix } };
  }
}
