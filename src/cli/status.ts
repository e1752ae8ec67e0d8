import { setTimeout as sleep } from 'node:timers/promises';
import type { AddCommand, CommandContext } from './context/command-context.js';
import type { StatusReader, StatusReport } from './context/read-status.js';
import { NOT_RUNNING } from './context/server-running.js';

const WATCH_SECONDS = 2;

interface StatusOptions {
  json?: boolean;
  watch?: boolean;
}

const EXAMPLES = `
Examples:
  popstash status            agents, locks, memories, queue and cost of this project
  popstash status --watch    the same, live, until Ctrl-C
  popstash status --json | jq '.locks[].pattern'`;

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description("Show this project's agents, tasks, locks, memories, queue and cost at a glance")
    .option('--json', 'print the answer as JSON; with --watch one line a look')
    .option('--watch', `look again every ${WATCH_SECONDS} seconds, until Ctrl-C`)
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, watch }: StatusOptions) => {
      const { openStatus } = await import('./context/read-status.js');
      const reader = openStatus(context);
      try {
        if (watch) await watchStatus(context, reader, json === true);
        else context.write(await describe(context, await reader.read(), json === true));
      } finally {
        await reader.close();
      }
    });
};

async function describe(
  context: CommandContext,
  { answer, cost, lostGuards }: StatusReport,
  isJson: boolean,
): Promise<string> {
  if (isJson) {
    const guards = lostGuards?.names ?? [];
    if (answer === null) return JSON.stringify({ running: false, lostGuards: guards });
    return JSON.stringify({ running: true, ...answer, cost_today: cost, lostGuards: guards });
  }
  const { createPainter } = await import('./terminal/paint.js');
  const painter = createPainter(context.isColoured);
  const warnings = lostGuards === null ? [] : [painter.warning(context.word(lostGuards.warning))];
  if (answer === null) return [context.word(NOT_RUNNING), ...warnings].join('\n');
  const { describeStatus } = await import('./output/describe-status.js');
  return [...describeStatus(answer, cost, { width: context.width, painter }), ...warnings].join('\n');
}

/** Shows the status until SIGINT or SIGTERM, and at once when the terminal gets another size. */
async function watchStatus(context: CommandContext, reader: StatusReader, isJson: boolean): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { openLiveScreen } = await import('./terminal/live-screen.js');
  const { fitForTerminal } = await import('./terminal/fit-for-terminal.js');
  const { createPainter } = await import('./terminal/paint.js');
  const screen = process.stdout.isTTY && !isJson ? openLiveScreen(process.stdout) : null;
  const hint = createPainter(context.isColoured).faint(`every ${WATCH_SECONDS} seconds; Ctrl-C ends`);
  try {
    while (!stop.signal.aborted) {
      const { wordError } = await import('../word-error.js');
      // What is away now may be there at the next look.
      const report = await reader.read().catch((error: unknown) => wordError(error));
      const now = { ...context, width: screen ? context.measure() : context.width };
      const text = typeof report === 'string' ? report : await describe(now, report, isJson);
      if (screen) screen.draw(fitForTerminal(`${text}\n\n${hint}`, now.width));
      else if (typeof report !== 'string' || !isJson) context.write(text);
      const resized = new AbortController();
      process.stdout.once('resize', () => resized.abort());
      const either = AbortSignal.any([stop.signal, resized.signal]);
      await sleep(WATCH_SECONDS * 1_000, undefined, { signal: either }).catch(() => undefined);
      process.stdout.removeAllListeners('resize');
    }
  } finally {
    screen?.close();
  }
}
