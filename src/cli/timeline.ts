import { InvalidArgumentError, Option } from 'commander';
import { ACTIVITY_TYPES } from '../accountability/activity/activity-types.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { chooseTimezone, readMoment } from './context/time-options.js';
import type { Activity } from './output/show-timeline.js';

interface TimelineOptions {
  follow?: boolean;
  type?: string;
  agent?: string;
  since?: string;
  limit: number;
  timezone?: string;
  json?: boolean;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100_000;

const EXAMPLES = `
Examples:
  popstash timeline --since today              what happened today
  popstash timeline --follow --type decision   decisions as they are made
  popstash timeline --limit 5000 --json        one JSON object a line`;

export const addTimeline: AddCommand = (program, context) => {
  program
    .command('timeline')
    .description('Show what all agents of this project did, newest first')
    .option('--follow', 'the latest last, then what happens from now on, until Ctrl-C')
    .addOption(new Option('--type <type>', 'of one type only').choices(ACTIVITY_TYPES))
    .option('--agent <name>', 'of one agent only: its name, as popstash status shows it, or its id')
    .option('--since <time>', 'from this moment on: 2026-11-26, 2026-W48, 7d, today, …', readMoment)
    .option('--limit <count>', 'at most this many', readLimit, DEFAULT_LIMIT)
    .option('--timezone <name>', 'of the times; an IANA name (default: POPSTASH_TIMEZONE, or the system)')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action((options: TimelineOptions) => runTimeline(context, options));
};

function readLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LIMIT}.`);
  return limit;
}

async function runTimeline(context: CommandContext, options: TimelineOptions): Promise<void> {
  const { agent: agentId, type, since, limit, json } = options;
  const filter = { agentId, type, since, limit, timezone: chooseTimezone(options.timezone, context.env) };
  const [{ openLedger }, { listTimeline, followTimeline }, { activityLine, createActivityView }, { createPainter }] =
    await Promise.all([
      import('./context/open-ledger.js'),
      import('./context/read-timeline.js'),
      import('./output/show-timeline.js'),
      import('./terminal/paint.js'),
    ]);
  const view = createActivityView(filter.timezone, context.width, createPainter(context.isColoured));
  const write = (activities: readonly Activity[]): void => {
    for (const activity of activities) context.write(json ? activityLine(activity) : view(activity).join('\n'));
  };
  const ledger = await openLedger(context);
  try {
    if (options.follow) {
      await followTimeline(ledger, filter, write);
      return;
    }
    const isEmpty = (await listTimeline(ledger, filter, write)) === 0;
    const isFiltered = agentId !== undefined || type !== undefined || since !== undefined;
    if (isEmpty && !json) context.write(isFiltered ? 'Nothing like that has happened.' : 'Nothing has happened yet.');
  } finally {
    await ledger.close();
  }
}
