import { hostname } from 'node:os';
import type { Server } from '@modelcontextprotocol/server';
import { type ClientSession, readClientCall, startedSession } from '../../accountability/clients/call-ids.js';
import type { AgentRow } from '../../coordination/agents/connect-agent.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { readLife } from '../../ipc/read-process.js';
import type { Logger } from '../../logger.js';
import type { ProjectIdentities } from '../../project/project-identities.js';
import type { WorkplaceOrigin } from '../../project/workplace-origin.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import { cleanName } from '../../text/clean-name.js';
import { maskSecrets } from '../../text/mask-secrets.js';
import { answerOtherRequest } from '../admin/answer-other-requests.js';
import { CLI_CLIENT_NAME } from '../admin/cli-client.js';
import type { Services } from '../services.js';
import type { LineTransport } from '../transport/line-transport.js';
import { createServiceAccess, type ServiceAccess } from './await-services.js';
import type { CallSlots } from './call-slots.js';
import { type Callers, type ClientFacts, createConnectionCaller } from './callers.js';
import { createCancelledCalls } from './cancelled-calls.js';
import { createMcpServer, type Era, type ServerParts } from './create-server.js';
import { createWorkplaceFinder, type WorkplaceFinder } from './find-workplace.js';
import { createHandleCallers, type HandleCallers } from './handle-callers.js';
import type { AgentLeases } from './known-callers.js';
import { createLateTools, type LateTools } from './late-tools.js';
import { openCaller } from './open-caller.js';
import { createReadingRoom } from './reading-room.js';
import { createProgress } from './report-progress.js';

export interface ConnectionOptions {
  version: string;
  mode: 'embedded' | 'server';
  /** Of the connection, for clients that begin with `initialize`: the same for every connection of one client. */
  agentId: string;
  /**
   * Names the client's process: a call that is sent again over its next connection is the same call. Null where requests of
   * several clients come together.
   */
  connectionKey: string | null;
  origin: WorkplaceOrigin;
  /** Which project a folder belongs to. */
  identities: Pick<ProjectIdentities, 'resolve' | 'guess'>;
  /** Process of the client's side of the pipe: the bridge, or the front itself. */
  pid: number;
  /** Where its user sees it (src/ipc/find-terminal.ts); undefined where it has no terminal. */
  terminal?: string | undefined;
  /** What the environment of that process says of a session. */
  clientSession: ClientSession | undefined;
  /** Resolves when storage is open; called again after a failure. `initialize` and the lists do not wait for it. */
  services: () => Promise<Services>;
  /** Texts of ours with the commands in them as they work for those who read them. */
  word(text: string): string;
  /** Of the process, for all its connections. */
  slots: CallSlots;
  /** What the connection runs over; undefined where each request comes by itself. */
  transport?:
    | Pick<LineTransport, 'hold' | 'sentAt' | 'inputEnded' | 'oncancelled' | 'onstream' | 'hasStreams'>
    | undefined;
  /** Where each request comes by itself, in the modern era. */
  byRequest?: { leases: AgentLeases; hasStreams: () => boolean; onUpdated: (uri: string) => void } | undefined;
  logger: Logger;
}

/** The factory of MCP servers of one connection. */
export interface Connection {
  agentId: string;
  /** The server of an era, for `serveStdio` or `createMcpHandler` of the SDK, which choose it by the client's first message. */
  createServer(context: { era: Era }): Server;
  /** Ends the connection's agents: their locks are free. Call it when the pipe has ended. Never rejects. */
  close(reason: string): Promise<void>;
  /** Ends the connection alone: its agents are expected to come back to another process. */
  leave(): void;
  /** Another process has answered for the agent meanwhile: its tasks are read again. */
  refresh(): Promise<void>;
  /** A stream of changes was opened. */
  watch(): void;
  /** Agents of the modern era, which end one by one; undefined before the first request in it. */
  agents(): Pick<HandleCallers, 'endOne' | 'leaveOne'> | undefined;
}

/** Everything that one client's connection is served with: tools, resources and prompts, whatever the transport and the era. */
export function openConnection(options: ConnectionOptions): Connection {
  const { agentId, mode, version, word, logger, transport, byRequest } = options;
  let server: Server | undefined;
  let handles: HandleCallers | undefined;
  const workplace = createWorkplaceFinder(options.origin, {
    identities: options.identities,
    listRoots: () => listRoots(server),
    settleProject: async (found, home) => (await options.services()).identity.settle(found, home),
  });
  let stopListening: (() => void) | undefined;
  const cancelled = createCancelledCalls(logger);
  if (transport) transport.oncancelled = cancelled.cancel;
  const openServices = async () => {
    await workplace.settle();
    return options.services();
  };
  const eras = new Map<Era, EraParts>();
  const allCallers = () => [...eras.values()].map(({ callers }) => callers);
  const access = createServiceAccess(openServices, (services) => {
    for (const callers of allCallers()) callers.listen(services);
    stopListening ??= services.signals.onPrefix('project:', (moved) => {
      const [from = '', into = ''] = moved.split(':');
      workplace.projectMoved(from, into);
    });
  });
  const seats = { options, workplace, access, client: () => readLegacyClient(server) };
  const slots = options.slots.join((isFull) => transport?.hold(isFull));
  const shared = {
    ...{ version, mode, workplace, access, cancelled, slots, word, logger },
    hasOwnIds: options.connectionKey !== null,
    inputEnded: () => transport?.inputEnded,
    sentAt: (id: string | number) => transport?.sentAt(id) ?? performance.now(),
    clientCall: (name: string, meta: Record<string, unknown> | undefined) =>
      readClientCall(name, meta, options.clientSession),
  };
  const room = createReadingRoom({
    ...shared,
    hasStreams: () => (byRequest ?? transport)?.hasStreams() ?? false,
    onUpdated: byRequest?.onUpdated ?? ((uri) => void server?.sendResourceUpdated({ uri }).catch(() => undefined)),
  });
  const onOther = createOtherAnswerer({ access, workplace, mode, version });

  if (transport) transport.onstream = room.watch;

  function openEra(era: Era): EraParts {
    const byHandle = era === 'modern' ? openHandleCallers(seats) : undefined;
    handles ??= byHandle;
    const { callers, register } = byHandle ? { callers: byHandle, register: undefined } : openLegacyCaller(seats);
    const current = access.current();
    if (current) callers.listen(current);
    return { callers, tools: createLateTools({ ...shared, callers }), register };
  }

  function createServer({ era }: { era: Era }): Server {
    const parts = eras.get(era) ?? openEra(era);
    eras.set(era, parts);
    server = createMcpServer(era, {
      version,
      tools: parts.tools,
      room,
      onRootsChanged: workplace.reconsider,
      onInitialized(_server, { name }) {
        // The command line reads and restores; it acts for no agent.
        if (name === CLI_CLIENT_NAME) return;
        workplace.reconsider();
        parts.tools.load();
        parts.register?.();
      },
      onOther,
    });
    return server;
  }

  function part(): void {
    slots.close();
    room.close();
    stopListening?.();
  }

  return {
    agentId,
    createServer,
    async close(reason) {
      part();
      await Promise.all([...allCallers().map((callers) => callers.end(reason)), workplace.leave()]);
    },
    leave() {
      part();
      for (const callers of allCallers()) callers.leave();
    },
    async refresh() {
      await Promise.all(allCallers().map((callers) => callers.refresh()));
    },
    watch: room.watch,
    agents: () => handles,
  };
}

/** Answers requests outside of MCP, which the command line makes. */
function createOtherAnswerer({
  access,
  workplace,
  mode,
  version,
}: Pick<SeatParts, 'access' | 'workplace'> & Pick<ConnectionOptions, 'mode' | 'version'>): ServerParts['onOther'] {
  return (request, extra) =>
    answerOtherRequest(request, {
      ready: access.open,
      project: workplace.current,
      mode,
      version,
      signal: extra.signal,
      onProgress: createProgress(extra),
    });
}

/** What all servers of one era share. */
interface EraParts {
  callers: Callers;
  tools: LateTools;
  /** Makes the agent known, where it is the connection. */
  register: (() => void) | undefined;
}

interface SeatParts {
  options: ConnectionOptions;
  workplace: WorkplaceFinder;
  access: ServiceAccess;
  /** Of the client that has initialised. */
  client: () => ClientFacts;
}

function openLegacyCaller({ options, workplace, access, client }: SeatParts): { callers: Callers; register(): void } {
  const { agentId, logger } = options;
  const describe = () => describeAgent(client(), options);
  const caller = openCaller(agentId, { workplace, access, describe, logger });
  return {
    callers: createConnectionCaller(caller),
    register() {
      caller.presence.register(traceInitialized).catch((error: unknown) => {
        logger.warn({ err: translateDatabaseError(error) }, 'the agent could not be registered yet');
      });
    },
  };
}

function openHandleCallers({ options, workplace, access }: SeatParts): HandleCallers {
  const { connectionKey, byRequest, logger } = options;
  return createHandleCallers({
    connectionKey,
    leases: byRequest?.leases,
    projectId: () => workplace.current().id,
    open: (agentId, client, onEnded) => {
      const describe = () => describeAgent(client, options);
      return openCaller(agentId, { workplace, access, describe, onEnded, isShared: byRequest === undefined, logger });
    },
  });
}

/** The span of the notification with which a client's session begins. */
function traceInitialized(telemetry: Telemetry, connect: () => Promise<void>): Promise<void> {
  const method = 'notifications/initialized';
  return telemetry.withSpan(method, { 'mcp.method.name': method }, connect, { kind: 'server', parent: {} });
}

/** What a client said of itself, and which process it is. */
function describeAgent(
  { name, version }: ClientFacts,
  { pid, terminal = '', clientSession }: ConnectionOptions,
): Omit<AgentRow, 'id' | 'branch'> {
  return {
    client: cleanName(name) || 'unknown',
    clientVersion: cleanName(version) || null,
    host: hostname(),
    pid,
    pidStart: readLife(pid)?.start ?? null,
    terminal: cleanName(terminal) || null,
    clientSession: maskOrNull(startedSession(name, clientSession)),
  };
}

/** A client's own name for its session. */
function maskOrNull(session: string | null): string | null {
  return session === null ? null : maskSecrets(session);
}

function readLegacyClient(server: Server | undefined): ClientFacts {
  const { name = '', version = '' } = server?.getClientVersion() ?? {};
  return { name, version };
}

/** A client that does not answer holds up its first call this long, in ms. */
const ROOTS_TIMEOUT_MS = 2_000;

/** Of a client that has initialised: the modern era has no requests of the server's. */
async function listRoots(server: Server | undefined): Promise<string[]> {
  if (!server?.getClientCapabilities()?.roots) return [];
  const { roots } = await server.listRoots(undefined, { timeout: ROOTS_TIMEOUT_MS });
  return roots.map(({ uri }) => uri);
}
