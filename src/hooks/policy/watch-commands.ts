import { maskPattern, maskSecrets } from '../../text/mask-secrets.js';
import { oneLine } from '../../text/quote-text.js';
import type { Redactor } from '../../text/redact.js';
import { findClientPid } from '../identify/find-client.js';
import { findSurvivors, isAnyRunning } from '../identify/find-survivors.js';
import { listAncestors, type ReadProcess } from '../identify/process-tree.js';
import type { CommandRepository, EndedCommand } from './command-repository.js';
import type { CommandWatch, HookContext } from './guard-types.js';

export interface CommandWatchDeps {
  commands: CommandRepository;
  redactor: Redactor;
  host: string;
  openProcesses: () => Promise<ReadProcess>;
}

const MAX_COMMAND = 160;
/** What still runs so long after its command has returned goes on without it, in ms. */
const SURVIVAL_MS = 100;

/** Records what clients' tools run, and for how long: by the hooks before and after each call, and by its processes. */
export function createCommandWatch({ commands, redactor, host, openProcesses }: CommandWatchDeps): CommandWatch {
  /** Keeps a command open that has returned while processes of it go on. @param hook the process that told its end */
  async function keepSurvivors({ id, clientPid, startAge }: EndedCommand, context: HookContext): Promise<void> {
    const endedAt = performance.now();
    const hook = new Set(listAncestors(context.request.pid, await openProcesses()).map(({ pid }) => pid));
    await new Promise((resolve) => setTimeout(resolve, SURVIVAL_MS).unref());
    const endAge = (performance.now() - endedAt) / 1000;
    const call = { clientPid, worktree: context.worktree, startAge: startAge + endAge, endAge };
    const survivors = findSurvivors(call, hook);
    if (survivors.length > 0) await commands.keepRunning(id, survivors);
  }

  return {
    async begin(context, files) {
      const { request, projectId, worktree, agent } = context;
      const command = files ? '' : oneLine((await redactor.redact(request.command ?? '')).text, MAX_COMMAND);
      const clientPid = findClientPid(listAncestors(request.pid, await openProcesses()));
      const call = { projectId, worktree, agentId: agent?.id ?? null, callKey: callKey(context), host, clientPid };
      const open = await commands.begin({ ...call, isEdit: files !== undefined, command, ...(files && { files }) });
      await commands.close(open.filter(({ survivors }) => !isAnyRunning(survivors)).map(({ id }) => id));
    },

    async end(context, changed) {
      const ended = await commands.end(context.projectId, callKey(context), changed?.map(maskPattern) ?? null);
      // The client does not wait for this.
      if (ended && context.request.action === 'shell') keepSurvivors(ended, context).catch(() => undefined);
      return ended;
    },

    endAll: (agentId) => commands.closeAll(agentId),
  };
}

export function callKey({ request, agent }: HookContext): string {
  return JSON.stringify([agent?.id ?? request.session ?? '', request.call ?? maskSecrets(request.command ?? '')]);
}
