import { Argument, InvalidArgumentError } from 'commander';
import type { AdminAnswer } from '../mcp/admin/admin-protocol.js';
import { type ListFilter, MAX_LISTED } from '../reports/report-types.js';
import { humanAge } from '../text/age.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

const KINDS = { stashes: 'stash', insights: 'insight', decisions: 'decision' } as const;
const DEFAULT_LIMIT = 20;

interface ListOptions {
  limit: number;
  json?: boolean;
}

export const addList: AddCommand = (program, context) => {
  program
    .command('list')
    .description('List what this project has stored, newest first, with its author and age')
    .addArgument(new Argument('[kind]', 'only one kind').choices(Object.keys(KINDS)))
    .option('--limit <count>', `at most this many, up to ${MAX_LISTED}`, readLimit, DEFAULT_LIMIT)
    .option('--json', 'print the answer as JSON')
    .action(async (kind: keyof typeof KINDS | undefined, { limit, json }: ListOptions) => {
      const answer = await readList(context, { kind: kind ? KINDS[kind] : null, limit });
      context.write(json ? JSON.stringify(answer) : (await describe(answer, context.width)).join('\n'));
    });
};

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LISTED) throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LISTED}.`);
  return limit;
}

async function readList(context: CommandContext, filter: ListFilter): Promise<AdminAnswer<'list'>> {
  const { env } = context;
  const { chooseMode } = await import('../config.js');
  if (chooseMode(env) === 'embedded') {
    const { askServer } = await import('./context/ask-server.js');
    return await askServer(context, 'list', filter);
  }
  const [{ parseConfig }, { createLogger }, { resolveProject }, { readServerReports }] = await Promise.all([
    import('../parse-config.js'),
    import('../logger.js'),
    import('../project/resolve-project.js'),
    import('../app/storage/read-server-reports.js'),
  ]);
  const config = parseConfig(env);
  const { id } = resolveProject(process.cwd(), config.project);
  const logger = createLogger(config.logLevel, 'list');
  return await readServerReports(config, logger, (reports) => reports.listMemories(id, filter));
}

async function describe({ memories, now }: AdminAnswer<'list'>, width: number): Promise<string[]> {
  if (memories.length === 0) return ['Nothing is stored yet.'];
  const [{ alignColumns }, { stripInvisible }] = await Promise.all([
    import('./output/write-columns.js'),
    import('../text/present-text.js'),
  ]);
  const rows = memories.map(({ kind, id, name, excerpt, author, createdAt }) => [
    humanAge(createdAt, now),
    kind,
    id,
    author?.name ?? '',
    name === null ? excerpt : `${name}: ${excerpt}`,
  ]);
  return alignColumns(
    rows.map((row) => row.map((cell) => stripInvisible(cell).replace(/\s+/g, ' '))),
    width,
  );
}
