import { InvalidArgumentError, Option } from 'commander';
import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { MAX_FOUND } from '../../mcp/admin/memory-protocol.js';
import { MEMORY_KINDS } from '../../memory/memory-types.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';
import { KIND_CHOICES, KIND_NAMES, type KindName } from './kind-option.js';

interface SearchOptions {
  kind?: KindName;
  limit: number;
  json?: boolean;
}

const DEFAULT_LIMIT = 10;
/** Of a text in one line, in terminal columns where stdout is no terminal. */
const TEXT_WIDTH = 200;

const EXAMPLES = `
Examples:
  popstash search how tokens are refreshed    by meaning and by words, as agents recall
  popstash search --kind decision storage     decisions only
  popstash search flaky test --json | jq -r '.hits[0].id'`;

export const addSearch: AddCommand = (program, context) => {
  program
    .command('search')
    .description('Search the memories of this project, best first, as agents recall them')
    .argument('<query...>', 'what to look for')
    .addOption(new Option('--kind <kind>', 'of one kind only').choices(KIND_CHOICES))
    .option('--limit <count>', `at most this many, up to ${MAX_FOUND}`, readLimit, DEFAULT_LIMIT)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], options: SearchOptions) => {
      const [{ askServer }, { callingPerson }] = await Promise.all([
        import('../context/ask-server.js'),
        import('../context/calling-person.js'),
      ]);
      const kinds = options.kind ? [KIND_NAMES[options.kind]] : [...MEMORY_KINDS];
      const params = { query: words.join(' '), kinds, limit: options.limit, ...callingPerson() };
      const answer = await askServer(context, 'search', params);
      if (answer.degraded.includes('embedding')) {
        process.stderr.write('The model was not ready in time: these were found by words and names alone.\n');
      }
      if (options.json) context.write((await import('../output/write-json.js')).writeJson(answer));
      else context.write((await describe(answer, context)).join('\n'));
    });
};

function readLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_FOUND) throw new InvalidArgumentError(`It must be a number from 1 to ${MAX_FOUND}.`);
  return limit;
}

/** Of the longest kind. */
const KIND_WIDTH = 8;

/** Two lines a hit, more on a narrow terminal: what it is, and its text; another one where it does not hold. */
async function describe(
  { hits, now }: AdminAnswer<'search'>,
  { width, isColoured }: CommandContext,
): Promise<string[]> {
  if (hits.length === 0) return ['Nothing relevant is stored.'];
  const [{ alignRows, clipToWidth }, { oneLine }, { humanAge }, { createPainter }, { wordHolds }] = await Promise.all([
    import('../output/write-columns.js'),
    import('../output/show-text.js'),
    import('../../text/age.js'),
    import('../terminal/paint.js'),
    import('../output/word-holds.js'),
  ]);
  const painter = createPainter(isColoured);
  const heads = alignRows(
    hits.map(({ score, kind, id, author, createdAt, name }) => [
      `${score.toFixed(2)}  ${kind.padEnd(KIND_WIDTH)}  ${id}`,
      ...[author ?? '', humanAge(createdAt, now ?? createdAt), name ?? ''].map(oneLine),
    ]),
    width,
    { whole: 0 },
  );
  const textWidth = Math.min(width, TEXT_WIDTH) - 2;
  return hits.flatMap(({ text, laterDecision, holds }, index) => {
    const later = laterDecision === null ? [] : [`decided later: ${laterDecision}`];
    const labels = [...later, ...wordHolds(holds)].map(oneLine).join('; ');
    return [
      ...(heads[index] ?? []).map(painter.strong),
      `  ${clipToWidth(oneLine(text), textWidth)}`,
      ...(labels === '' ? [] : [`  ${painter.faint(clipToWidth(labels, textWidth))}`]),
    ];
  });
}
