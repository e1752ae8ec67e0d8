import { InvalidArgumentError, Option } from 'commander';
import type { Environment } from '../config.js';
import { AppError } from '../errors.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { chooseTimezone } from './context/time-options.js';
import { LEVELS, type LogLevel } from './output/show-log-line.js';

interface LogsOptions {
  follow?: boolean;
  lines: number;
  level: LogLevel;
  reader?: boolean;
  json?: boolean;
}

const DEFAULT_LINES = 50;
const MAX_LINES = 100_000;

const EXAMPLES = `
Examples:
  popstash logs                       the last ${DEFAULT_LINES} lines of the local server's log
  popstash logs --level warn -n 20    what went wrong
  popstash logs --follow              as it is written, until Ctrl-C
  popstash logs --json | jq .msg      the lines as they are

In server mode fronts and workers log to their stderr: the client's log has the one, your supervisor the other.`;

export const addLogs: AddCommand = (program, context) => {
  program
    .command('logs')
    .description('Show what the local server has logged')
    .option('-f, --follow', 'also what is logged from now on, until Ctrl-C')
    .option('-n, --lines <count>', 'at most this many', readCount, DEFAULT_LINES)
    .addOption(new Option('--level <level>', 'of this level and above').choices(LEVELS).default('trace'))
    .option('--reader', "the log of the process that reads clients' usage in server mode, and for a team")
    .option('--json', 'print the lines as they are: JSON, most of them')
    .addHelpText('after', EXAMPLES)
    .action((options: LogsOptions) => runLogs(context, options));
};

function readCount(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (count < 0 || count > MAX_LINES) throw new InvalidArgumentError(`It must be a number from 0 to ${MAX_LINES}.`);
  return count;
}

function noLocalServer({ POPSTASH_URL: url }: Environment): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `POPSTASH_URL is set (${url}): the log of the team's server is where it runs.`,
    fix: "popstash logs --reader shows the log of the process that reads this machine's usage.",
  });
}

async function runLogs(context: CommandContext, options: LogsOptions): Promise<void> {
  const [{ chooseDataDir, isOfTeam }, { readerLogPath, serverLogPath }, { followLog, readLog }, { createLogView }] =
    await Promise.all([
      import('../config.js'),
      import('../ipc/start-server.js'),
      import('./context/read-log.js'),
      import('./output/show-log-line.js'),
    ]);
  const { createPainter } = await import('./terminal/paint.js');
  const { env } = context;
  if (isOfTeam(env) && !options.reader) throw noLocalServer(env);
  const dataDir = chooseDataDir(env);
  const path = options.reader ? readerLogPath(dataDir) : serverLogPath(dataDir);
  const timezone = chooseTimezone(undefined, context.env);
  const view = createLogView(
    options.level,
    options.json ? null : { timezone, painter: createPainter(context.isColoured) },
  );
  const show = (lines: readonly string[]) => {
    for (const line of lines) context.write(line);
  };
  const log = readLog(path);
  if (log === null && !options.follow) {
    if (!options.json) context.write(`There is no log yet: ${path}`);
    return;
  }
  show(options.lines === 0 ? [] : (log?.lines ?? []).flatMap(view).slice(-options.lines));
  if (!options.follow) return;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  for await (const lines of followLog(path, log?.end ?? 0, stop.signal)) show(lines.flatMap(view));
}
