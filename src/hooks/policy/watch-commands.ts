import { maskPattern, maskSecrets } from '../../text/mask-secrets.js';
import { oneLine } from '../../text/quote-text.js';
import type { Redactor } from '../../text/redact.js';
import { findClientPid } from '../identify/find-client.js';
import { findSurvivors, isAnyRunning } from '../identify/find-survivors.js';
import type { ReadChains } from '../identify/process-tree.js';
import type { CommandRepository, EndedCommand } from './command-repository.js';
import type { CommandWatch, HookContext } from './guard-types.js';

export interface CommandWatchDeps {
  commands: CommandRepository;
  redactor: Redactor;
  host: string;
  readChains: ReadChains;
}

const MAX_COMMAND = 160;
/** What still runs so long after its command has returned goes on without it, in ms. */
const SURVIVAL_MS = 100;

/** Records what clients' tools run, and for how long: by the hooks before and after each call, and by its processes. */
export function createCommandWatch({ commands, redactor, host, readChains }: CommandWatchDeps): CommandWatch {
  /** Keeps a command open that has returned while processes of it go on. @param hook the process that told its end */
  async function keepSurvivors({ id, clientPid, startAge }: EndedCommand, context: HookContext): Promise<void> {
    const endedAt = performance.now();
    const [hook = []] = await readChains([context.request.pid]);
    await new Promise((resolve) => setTimeout(resolve, SURVIVAL_MS).unref());
    const endAge = (performance.now() - endedAt) / 1000;
    const call = { clientPid, worktree: context.worktree, startAge: startAge + endAge, endAge };
    const survivors = await findSurvivors(
      call,
      hook.map(({ pid }) => pid),
    );
    if (survivors.length > 0) await commands.keepRunning(id, survivors);
  }

  return {
    async begin(context, files) {
      const { request, projectId, worktree, agent } = context;
      const command = files ? '' : oneLine((await redactor.redact(request.command ?? '')).text, MAX_COMMAND);
      const [chain = []] = await readChains([request.pid]);
      const clientPid = findClientPid(chain);
      const call = { projectId, worktree, agentId: agent?.id ?? null, callKey: callKey(context), host, clientPid };
      const open = await commands.begin({ ...call, isEdit: files !== undefined, command, ...(files && { files }) });
      const isRunning = await Promise.all(open.map(({ survivors }) => isAnyRunning(survivors)));
      await commands.close(open.filter((_each, index) => !isRunning[index]).map(({ id }) => id));
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
