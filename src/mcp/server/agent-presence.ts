import type { AgentRow } from '../../coordination/agents/connect-agent.js';
import type { Logger } from '../../logger.js';
import { findBranch } from '../../project/project-identities.js';
import type { Carrier, Telemetry } from '../../telemetry/telemetry-types.js';
import type { Services } from '../services.js';
import { type ActiveTasks, createActiveTasks } from './active-tasks.js';
import type { WorkplaceFinder } from './find-workplace.js';
import { createLifeSigns } from './send-life-signs.js';

export interface AgentPresenceOptions {
  agentId: string;
  workplace: WorkplaceFinder;
  /** The agent's row as it is known when it is written. */
  describe: () => Omit<AgentRow, 'id' | 'branch'>;
  ready: () => Promise<Services>;
  /** The agent was known before this connection, or is connected again: notices may wait for it. */
  onReturn: () => void;
  /** The agent was declared disconnected; without it, it is made known again. */
  onEnded?: (() => void) | undefined;
  /** Other processes may have made the agent theirs: it is theirs to end then. */
  isShared: boolean;
  logger: Logger;
}

type Around = (telemetry: Telemetry, work: () => Promise<void>) => Promise<void>;

export interface AgentPresence {
  tasks: ActiveTasks;
  /** By which others speak of the agent; undefined until its row is written. */
  name(): string | undefined;
  /** Listens from now on for tasks of it that begin or end without a call of its own, and for another name. */
  listen(services: Services): void;
  /**
   * Writes the agent's row, once; the next call tries again after a failure.
   * @param around puts the writing into a span
   */
  register(around?: Around): Promise<void>;
  /** Writes it once more, after the agent was declared disconnected. */
  reregister(): Promise<void>;
  /** Reads the agent's tasks again. @throws while storage is away */
  refresh(): Promise<void>;
  /** Goes on with this task of the agent, if it ended with an earlier process; with the locks that are free. */
  goOn(sessionId: string): Promise<void>;
  /** The agent holds locks, or may: from now on its calls renew them. */
  mayHold(): void;
  /** The agent did something: its locks are renewed. Returns at once. */
  worked(sessionId: string | null): void;
  /** Sends no more signs of life; the agent's row stays as it is. */
  stop(): void;
  /** Ends the agent. Never rejects. */
  end(reason: string): Promise<void>;
}

/** What the database knows of an agent for as long as its connection lasts: its row, its tasks, its signs of life. */
export function createAgentPresence(options: AgentPresenceOptions): AgentPresence {
  const { agentId, ready, logger } = options;
  const tasks = createActiveTasks();
  const branch = () => findBranch(options.workplace.current().worktree);
  const onDisconnected = async (): Promise<void> => (options.onEnded ? options.onEnded() : await reregister());
  const life = createLifeSigns({ agentId, ready, branch, onDisconnected, logger });
  let registered: Promise<void> | undefined;
  let connection: Carrier | undefined;
  let name: string | undefined;
  let isRevived = false;
  let ended = false;
  let stopListening: (() => void) | undefined;

  async function connect(around: Around): Promise<void> {
    const services = await ready();
    await around(services.telemetry, () => {
      connection ??= services.telemetry.carrier();
      return connectTo(services);
    });
  }

  async function connectTo(services: Services): Promise<void> {
    const workplace = await options.workplace.settle();
    const row = { id: agentId, branch: await branch(), ...options.describe() };
    const connected = await services.agents.connect(workplace, row);
    const { as } = connected;
    name = connected.name;
    isRevived ||= as === 'revived';
    if (as === 'new') return;
    if (as === 'returned') await readTasks(services);
    else tasks.replace([]);
    life.mayHold();
    options.onReturn();
  }

  async function readTasks(services: Services): Promise<void> {
    tasks.replace((await services.sessions.listActive(agentId)).map(({ id }) => id));
    life.mayHold();
  }

  async function register(around: Around = (_telemetry, work) => work()): Promise<void> {
    registered ??= connect(around);
    const current = registered;
    try {
      await current;
    } catch (error) {
      if (registered === current) registered = undefined;
      throw error;
    }
    life.start();
  }

  async function reregister(): Promise<void> {
    registered = undefined;
    if (!ended) await register();
  }

  function stop(): void {
    ended = true;
    stopListening?.();
    life.stop();
  }

  return {
    tasks,
    name: () => name,
    listen(services) {
      stopListening ??= services.signals.on(`tasks:${agentId}`, () => {
        const readName = async () => {
          name = (await services.agents.describe([agentId])).get(agentId)?.name ?? name;
        };
        Promise.all([readTasks(services), readName()]).catch((error: unknown) =>
          logger.debug({ err: error }, 'the tasks could not be read yet'),
        );
      });
    },
    register,
    reregister,
    refresh: async () => readTasks(await ready()),
    async goOn(sessionId) {
      const services = isRevived ? await ready() : null;
      isRevived = false;
      if (services && (await resumeTask(services, options, sessionId))) await readTasks(services);
    },
    mayHold: life.mayHold,
    worked: life.worked,
    stop,
    async end(reason) {
      stop();
      if (!registered) return;
      await registered
        .then(ready)
        .then((services) => endAgent(services, options, reason, connection))
        .catch((error: unknown) => logger.debug({ err: error }, 'the end of the connection could not be stored'));
    },
  };
}

/** An agent that other processes may serve too ends with the last one that made it its own. */
async function endAgent(
  { agents }: Services,
  { agentId, isShared, describe }: AgentPresenceOptions,
  reason: string,
  connection: Carrier | undefined,
): Promise<void> {
  if (isShared && !(await agents.isAt(agentId, describe()))) return;
  await agents.disconnect(agentId, reason, connection);
}

/** Goes on with an agent's last task, if that is this one and ended with a process. */
async function resumeTask(
  { sessions }: Services,
  { agentId, workplace }: AgentPresenceOptions,
  sessionId: string,
): Promise<boolean> {
  const { id: projectId } = workplace.current();
  const task = await sessions.findAbandoned({ projectId, agentId, clientSession: null });
  if (task?.id !== sessionId) return false;
  return (await sessions.resume({ projectId, agentId, sessionId: null }, task)) !== null;
}
