import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import type { LedgerRequestName } from '../../mcp/admin/ledger-protocol.js';
import type { AskOptions, Params } from './ask-server.js';
import type { CommandContext } from './command-context.js';

/** Where a command asks about costs and the timeline. */
export interface Ledger {
  /** @throws AppError for what the request asks, or a store that is away */
  ask<Name extends LedgerRequestName>(
    name: Name,
    params: Params<Name>,
    options?: AskOptions,
  ): Promise<AdminAnswer<Name>>;
  close(): Promise<void>;
}

/**
 * Opens the ledger: in embedded mode the local server is asked, which alone may open the data, and for a member the team's
 * server; in server mode this process asks the database itself.
 * @param isUpkeep work that may take long
 */
export async function openLedger(context: CommandContext, { isUpkeep = false } = {}): Promise<Ledger> {
  const { chooseMode, isOfTeam } = await import('../../config.js');
  if (chooseMode(context.env) === 'embedded' || (isOfTeam(context.env) && !isUpkeep)) {
    const { connectToServer } = await import('./ask-server.js');
    return await connectToServer(context);
  }
  const [{ parseConfig }, { createLogger }, { openProjectIdentities }, { openServerLedger }] = await Promise.all([
    import('../../parse-config.js'),
    import('../../logger.js'),
    import('../../project/project-identities.js'),
    import('../../app/open-server-ledger.js'),
  ]);
  const config = parseConfig(context.env);
  const logger = createLogger(config.logLevel, 'ledger');
  const identities = openProjectIdentities(config, logger);
  const place = { projectId: (await identities.resolve(process.cwd(), config.project)).id, identities };
  const ledger = await openServerLedger(config, place, logger, isUpkeep);
  return {
    ask: (name, params, { signal, onProgress } = {}) =>
      ledger.ask(name, params, {
        signal: signal ?? new AbortController().signal,
        onProgress: onProgress ?? (() => undefined),
      }),
    close: ledger.close,
  };
}

/** Reads what clients of this machine have written: a member's own process tells the team's server of it. */
export async function scanUsage(
  context: CommandContext,
  params: Params<'scan'>,
  options: { signal: AbortSignal; onProgress: NonNullable<AskOptions['onProgress']> },
): Promise<AdminAnswer<'scan'>> {
  const { isOfTeam } = await import('../../config.js');
  if (!isOfTeam(context.env))
    return await withLedger(context, (ledger) => ledger.ask('scan', params, options), { isUpkeep: true });
  const [{ openTeamReader }, { answerScan }, { createLogger }] = await Promise.all([
    import('../../member/open-team-reader.js'),
    import('../../mcp/admin/answer-scan.js'),
    import('../../logger.js'),
  ]);
  const transcripts = openTeamReader(context.env, createLogger('silent', 'scan'));
  return await answerScan({ transcripts, rollUp: async () => undefined, ...options }, params);
}

/** Opens the ledger for some requests, and closes it. */
export async function withLedger<T>(
  context: CommandContext,
  work: (ledger: Ledger) => Promise<T>,
  options?: { isUpkeep: boolean },
): Promise<T> {
  const ledger = await openLedger(context, options);
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
