import { Argument, InvalidArgumentError, Option } from 'commander';
import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { type ListFilter, MAX_LISTED } from '../../reports/report-types.js';
import { humanAge } from '../../text/age.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';
import { chooseTimezone, readMoment } from '../context/time-options.js';
import { KIND_CHOICES, KIND_NAMES, type KindName } from './kind-option.js';

const DEFAULT_LIMIT = 20;
/** On a narrower terminal a memory's text has a line of its own. */
const WIDE = 120;
/** Of the longest kind. */
const KIND_WIDTH = 8;

interface ListOptions {
  kind?: KindName;
  since?: string;
  author?: string;
  limit: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  popstash list                               the newest memories of all kinds
  popstash list --kind decision --since 7d    decisions of the last seven days
  popstash list --author codex --json         what the agents of that name have written`;

export const addList: AddCommand = (program, context) => {
  program
    .command('list')
    .description('List what this project has stored, newest first, with its author and age')
    .addArgument(new Argument('[kind]', 'only one kind; the same as --kind').choices(KIND_CHOICES))
    .addOption(new Option('--kind <kind>', 'of one kind only').choices(KIND_CHOICES))
    .option('--since <time>', 'from this moment on: 2026-11-26, 2026-W48, 7d, today, …', readMoment)
    .option('--author <name>', 'by the agents of this name, or the agent of this id')
    .option('--limit <count>', `at most this many, up to ${MAX_LISTED}`, readLimit, DEFAULT_LIMIT)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (named: KindName | undefined, options: ListOptions) => {
      const { since, author = null, limit, json, kind = named } = options;
      const answer = await readList(context, {
        kind: kind ? KIND_NAMES[kind] : null,
        since: since === undefined ? null : { text: since, timezone: chooseTimezone(undefined, context.env) },
        author,
        limit,
      });
      const { writeJson } = await import('../output/write-json.js');
      const isFiltered = kind !== undefined || since !== undefined || author !== null;
      context.write(json ? writeJson(answer) : (await describe(answer, context.width, isFiltered)).join('\n'));
    });
};

function readLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LISTED) throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_LISTED}.`);
  return limit;
}

async function readList(context: CommandContext, filter: ListFilter): Promise<AdminAnswer<'list'>> {
  const { env } = context;
  const { chooseMode, isOfTeam } = await import('../../config.js');
  if (chooseMode(env) === 'embedded' || isOfTeam(env)) {
    const { askServer } = await import('../context/ask-server.js');
    return await askServer(context, 'list', filter);
  }
  const [{ parseConfig }, { createLogger }, { openProjectIdentities }, { readServerReports }] = await Promise.all([
    import('../../parse-config.js'),
    import('../../logger.js'),
    import('../../project/project-identities.js'),
    import('../../app/storage/read-server-reports.js'),
  ]);
  const config = parseConfig(env);
  const logger = createLogger(config.logLevel, 'list');
  const { id } = await openProjectIdentities(config, logger).resolve(process.cwd(), config.project);
  return await readServerReports(config, logger, (reports) => reports.listMemories(id, filter));
}

async function describe({ memories, now }: AdminAnswer<'list'>, width: number, isFiltered: boolean): Promise<string[]> {
  if (memories.length === 0) return [isFiltered ? 'Nothing like that is stored.' : 'Nothing is stored yet.'];
  const [{ alignRows, clipToWidth }, { oneLine }] = await Promise.all([
    import('../output/write-columns.js'),
    import('../output/show-text.js'),
  ]);
  const isWide = width >= WIDE;
  const texts = memories.map(({ name, excerpt }) => oneLine(name === null ? excerpt : `${name}: ${excerpt}`));
  const rows = memories.map(({ kind, id, author, createdAt }, index) => [
    `${kind.padEnd(KIND_WIDTH)}  ${id}`,
    humanAge(createdAt, now),
    oneLine(author?.name ?? ''),
    isWide ? (texts[index] ?? '') : '',
  ]);
  return alignRows(rows, width, { whole: 0 }).flatMap((lines, index) =>
    isWide ? lines : [...lines, `  ${clipToWidth(texts[index] ?? '', width - 2)}`],
  );
}
