import { chooseDataDir, chooseGuard, chooseMode, type Environment, isOfTeam } from '../../config.js';
import type { RuntimeInfo } from '../../embedding/runtime/runtime-types.js';
import { checkDenials } from '../../hooks/doctor/check-denials.js';
import { checkInstalled } from '../../hooks/doctor/check-installed.js';
import { type Check, type Finding, failedCheck, runCheck } from '../../hooks/doctor/run-check.js';
import { askServer } from './ask-server.js';
import type { CommandContext } from './command-context.js';

/** All checks, each as soon as it is known. The later ones need what the earlier ones have found to work. */
export async function* runChecks(context: CommandContext): AsyncGenerator<Check> {
  const { env } = context;
  const configuration = await runCheck('settings', async () => {
    const { listUnknownVariables, parseConfig } = await import('../../parse-config.js');
    const config = parseConfig(env);
    const mode = isOfTeam(env) ? 'of a team' : `${config.mode} mode`;
    const detail = `popstash ${config.version}, ${mode}, Node ${process.versions.node}`;
    const unknown = listUnknownVariables(env);
    if (unknown.length === 0) return { detail };
    const fix = 'Correct or unset it; the README lists every variable.';
    return { state: 'warning', detail: `${detail}; nothing reads ${unknown.join(', ')}`, fix };
  });
  yield configuration;
  if (configuration.state === 'broken') return;

  const isMember = isOfTeam(env);
  const storage = isMember
    ? await runCheck('team server', () => describeTeam(context))
    : await runCheck(chooseMode(env) === 'server' ? 'database' : 'server', () => describeStorage(context));
  yield storage;
  if (isMember) {
    if (storage.state !== 'broken') yield await runCheck('queue', () => describeQueue(context));
  } else if (chooseMode(env) === 'server') yield* checkServerMode(context, storage);
  else if (storage.state !== 'broken') {
    const store = await runCheck('store', () => describeStore(context));
    yield store;
    if (store.state !== 'broken') yield await runCheck('queue', () => describeQueue(context));
  }
  // A member's machine embeds and prices nothing.
  if (!isMember) yield await runCheck('model', () => embedText(env));
  if (!isMember && env.POPSTASH_PRICES) yield await runCheck('prices', () => describePrices(env.POPSTASH_PRICES ?? ''));
  yield describeGuard(context);
  try {
    yield* checkInstalled(env, process.cwd());
  } catch (error) {
    yield failedCheck('hooks', error);
  }
  if (storage.state === 'broken') return;
  if (chooseGuard(env) !== 'off') yield* checkDenials(env, context.script, process.cwd());
  yield await runCheck('agents', () => describeAgentHooks(context));
}

/** Whether the server of the team answers this member, and speaks as this machine does. */
async function describeTeam(context: CommandContext): Promise<Finding> {
  const [{ status, version }, { findPackage }] = await Promise.all([
    askServer(context, 'status'),
    import('../../package-root.js'),
  ]);
  const detail = `${context.env.POPSTASH_URL} answers: version ${version}, project ${status.project}`;
  const own = findPackage().version;
  if (version === own) return { detail };
  const fix = 'Install the version of the server on this machine, or ask who runs it to update it.';
  return { state: 'warning', detail: `${detail}; this machine has ${own}`, fix };
}

/** Starts the local server when none runs: whether it can be started is part of the check. */
async function describeStorage(context: CommandContext): Promise<Finding> {
  const { env } = context;
  if (chooseMode(env) === 'server') {
    const { status } = await askServer(context, 'status');
    return { detail: `PostgreSQL answers; project ${status.project}` };
  }
  const dataDir = chooseDataDir(env);
  const { bringUp } = await import('./bring-up.js');
  const { report, wasRunning } = await bringUp(dataDir);
  const state = wasRunning ? 'runs' : 'was started';
  return {
    detail: `${state}: version ${report.version}, pid ${report.pid}, storage ${report.storage}, data in ${dataDir}`,
  };
}

/** Reads all that is stored, and writes: a server may answer from what it has in memory while its files are damaged. */
async function describeStore(context: CommandContext): Promise<Finding> {
  const { tables, rows, bytes, backups, newestBackup } = await askServer(context, 'checkStore');
  const read = `${rows} rows of ${tables} tables were read (${(bytes / 1e6).toFixed(1)} MB), and one was written`;
  if (newestBackup === null) return { detail: `${read}; no daily backup yet` };
  return { detail: `${read}; ${backups} daily backups, the newest of ${newestBackup.toISOString()}` };
}

async function describeQueue(context: CommandContext): Promise<Finding> {
  const { status, degraded } = await askServer(context, 'status');
  if (degraded.length > 0) {
    const fix = 'Nothing is lost meanwhile. Look at REDIS_URL and whether Redis answers there.';
    return { state: 'warning', detail: `degraded: ${degraded.join(', ')}`, fix };
  }
  const { describeVectors } = await import('../output/describe-status.js');
  return { detail: describeVectors(status) };
}

/** What fails for the reason that the database has failed for is not told again. */
async function* checkServerMode({ env }: CommandContext, { detail }: Check): AsyncGenerator<Check> {
  const [{ checkServer }, { createLogger }, { parseConfig }] = await Promise.all([
    import('../../app/storage/check-server.js'),
    import('../../logger.js'),
    import('../../parse-config.js'),
  ]);
  const config = parseConfig(env);
  let isAway = false;
  for await (const check of checkServer(config, createLogger('silent', 'doctor'))) {
    isAway ||= check.detail === detail;
    if (!isAway) yield check;
  }
}

/** Checks the model's files, and embeds a text with the runtime that is really loaded: it may not run on this machine. */
async function embedText(env: Environment): Promise<Finding> {
  const [{ findModel, verifyModel }, { createEmbedder }, { createLogger }, { parseConfig }, { describeRuntime }] =
    await Promise.all([
      import('../../embedding/model-store.js'),
      import('../../embedding/create-embedder.js'),
      import('../../logger.js'),
      import('../../parse-config.js'),
      import('./describe-runtime.js'),
    ]);
  const modelDir = findModel();
  await verifyModel(modelDir);
  let runtime: RuntimeInfo | undefined;
  const embedder = createEmbedder({
    modelDir,
    delayMs: 0,
    runtime: parseConfig(env).modelRuntime,
    logger: createLogger('silent', 'doctor'),
    onReady: (loaded) => {
      runtime = loaded;
    },
  });
  const start = performance.now();
  try {
    await embedder.embed(['Does the model work?'], 'query');
  } finally {
    await embedder.close();
  }
  const embedded = `its files are as they were made; a text was embedded in ${Math.round(performance.now() - start)} ms`;
  return runtime ? describeRuntime(embedded, runtime) : { detail: embedded };
}

/** An agent with a task has called start_task, which the hooks of its client hear when they are in force. */
async function describeAgentHooks(context: CommandContext): Promise<Finding> {
  const { status } = await askServer(context, 'status');
  const unguarded = status.agents.filter(({ task, isGuarded }) => task !== null && !isGuarded);
  if (unguarded.length === 0) {
    const guarded = status.agents.filter(({ isGuarded }) => isGuarded).length;
    return { detail: `${status.agents.length} connected; the hooks of ${guarded} are heard` };
  }
  const { createAgentWords } = await import('../../text/word-agent.js');
  const word = createAgentWords();
  const names = unguarded.map(({ agent }) => word(agent)).join(', ');
  return {
    state: 'broken',
    detail: `no hook of ${names} was heard since its task began: nothing checks its edits`,
    fix: 'Run popstash init for that client, confirm its hooks if it asks, and restart it. Clients without hooks can not be guarded.',
  };
}

/** A price file with faults is left out as a whole, so that no request is priced by half of it. */
async function describePrices(path: string): Promise<Finding> {
  const { readPriceFile } = await import('../../accountability/prices/open-prices.js');
  const { faults } = await readPriceFile(path);
  if (faults.length === 0) return { detail: `${path} is used over the built-in prices` };
  return {
    state: 'warning',
    detail: `${path} is not used: ${faults.join(' ')}`,
    fix: 'Correct the file that POPSTASH_PRICES names, or unset it.',
  };
}

function describeGuard({ env }: CommandContext): Check {
  const name = 'guard';
  switch (chooseGuard(env)) {
    case 'off':
      return {
        name,
        state: 'broken',
        detail: 'off: no hook asks, nothing is denied',
        fix: 'Unset POPSTASH_GUARD to let hooks protect files.',
      };
    case 'guarded':
      return { name, state: 'ok', detail: 'guarded: an edit or commit without a verdict is refused' };
    default:
      return {
        name,
        state: 'ok',
        detail: 'advisory: held files are denied; an edit without a verdict passes (POPSTASH_GUARD=guarded refuses it)',
      };
  }
}
