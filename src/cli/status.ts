import type { AdminAnswer } from '../mcp/admin/admin-protocol.js';
import { askServer } from './context/ask-server.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { isServerRunning, NOT_RUNNING } from './context/server-running.js';

const WATCH_SECONDS = 2;
/** Clears the terminal and goes to its first line. */
const CLEAR = '\u001b[2J\u001b[H';

interface StatusOptions {
  json?: boolean;
  watch?: boolean;
}

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description("Show this project's agents, tasks, locks, memories and queue at a glance")
    .option('--json', 'print the answer as JSON')
    .option('--watch', `look again every ${WATCH_SECONDS} seconds, until Ctrl-C`)
    .action(async (options: StatusOptions) => {
      do {
        const text = await readStatus(context, options);
        if (options.watch && process.stdout.isTTY) process.stdout.write(CLEAR);
        context.write(text);
        if (options.watch) await new Promise((resolve) => setTimeout(resolve, WATCH_SECONDS * 1_000));
      } while (options.watch);
    });
};

async function readStatus(context: CommandContext, { json }: StatusOptions): Promise<string> {
  const { describeLostGuards, findLostGuards } = await import('../hooks/guards/find-lost-guards.js');
  const { locateProject } = await import('../project/locate-project.js');
  const lost = findLostGuards(locateProject(process.cwd(), undefined).worktree);
  const lostGuards = lost?.names ?? [];
  const warning = lost ? [context.word(describeLostGuards(lost, 'Put them back: popstash init'))] : [];
  if (!(await isServerRunning(context))) {
    return json ? JSON.stringify({ running: false, lostGuards }) : [context.word(NOT_RUNNING), ...warning].join('\n');
  }
  const answer = await askServer(context, 'status');
  if (json) return JSON.stringify({ running: true, ...answer, lostGuards });
  return [await describe(answer, context.width), ...warning].join('\n');
}

/** Lists are indented. */
const INDENT = '  ';

async function describe(answer: AdminAnswer<'status'>, width: number): Promise<string> {
  const [{ describeAgents, describeLocks }, { oneLine }] = await Promise.all([
    import('./output/describe-board.js'),
    import('./output/show-text.js'),
  ]);
  const { status, mode, version, degraded } = answer;
  const agents = describeAgents(answer, width - INDENT.length);
  return [
    `popstash ${version}, ${mode} mode${degraded.length > 0 ? `, degraded: ${degraded.join(', ')}` : ''}`,
    `project   ${oneLine(status.project)}`,
    `memories  ${status.stashes} stashes, ${status.insights} insights, ${status.decisions} decisions`,
    `queue     ${status.pending === 0 ? 'nothing waits for a vector' : `${status.pending} passages wait for a vector`}`,
    `agents    ${agents.length === 0 ? 'none connected' : ''}`.trimEnd(),
    ...agents.map((line) => INDENT + line),
    'locks',
    ...describeLocks(answer, width - INDENT.length).map((line) => INDENT + line),
  ].join('\n');
}
