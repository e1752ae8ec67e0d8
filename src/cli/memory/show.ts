import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';

/** Characters of a commit's id. */
const SHORT_COMMIT = 8;

const EXAMPLES = `
Examples:
  popstash show insight_k3v0q8x2m1t7b5ra            the whole text, and who wrote it when
  popstash show stash_0123456789abcdef --history    also the versions before and after it`;

export const addShow: AddCommand = (program, context) => {
  program
    .command('show <id>')
    .description('Show one stash, insight or decision in full, also an old version or a forgotten one')
    .option('--history', 'list all versions of it')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: { history?: boolean; json?: boolean }) => {
      const { askServer } = await import('../context/ask-server.js');
      const answer = await askServer(context, 'show', { id, history: options.history ?? false });
      if (options.json) context.write((await import('../output/write-json.js')).writeJson(answer));
      else context.write((await describe(answer, context, options.history ?? false)).join('\n'));
    });
};

type Shown = AdminAnswer<'show'>;

async function describe(shown: Shown, context: CommandContext, hasHistory: boolean): Promise<string[]> {
  const [{ oneLine, ownLines }, { createPainter }] = await Promise.all([
    import('../output/show-text.js'),
    import('../terminal/paint.js'),
  ]);
  const { record } = shown;
  const painter = createPainter(context.isColoured);
  const title = [record.kind, record.id, record.name === null ? '' : oneLine(record.name)].filter(Boolean).join('  ');
  const facts = await listFacts(shown);
  return [
    painter.strong(title),
    ...facts.map((fact) => painter.faint(oneLine(fact))),
    '',
    ownLines(record.text),
    ...(record.reasoning === null ? [] : ['', painter.faint('Reasoning:'), ownLines(record.reasoning)]),
    ...(hasHistory
      ? ['', painter.strong('Versions, newest first'), ...(await listVersions(shown, context.width))]
      : []),
  ];
}

async function listFacts({ record, origin, holds, now }: Shown): Promise<string[]> {
  const [{ humanAgo }, { wordHolds }] = await Promise.all([
    import('../../text/age.js'),
    import('../output/word-holds.js'),
  ]);
  const at = (date: Date): string => `${date.toISOString()} (${humanAgo(date, now)})`;
  const { author, version, createdAt, expiresAt, supersededBy, supersededAt, forgottenAt, forgetReason } = record;
  const facts = [`version ${version}, by ${author?.name ?? 'an unknown author'}, ${at(createdAt)}`];
  if (record.provenance) facts.push(`imported from ${record.provenance.source}: ${record.provenance.key}`);
  if (record.tags.length > 0) facts.push(`tags: ${record.tags.join(', ')}`);
  if (record.files.length > 0) facts.push(`files: ${record.files.join(', ')}`);
  if (Object.keys(record.metadata).length > 0) facts.push(`metadata: ${JSON.stringify(record.metadata)}`);
  if (expiresAt) facts.push(`${expiresAt <= now ? 'expired' : 'expires'}: ${expiresAt.toISOString()}`);
  if (supersededBy !== null) {
    facts.push(`superseded by ${supersededBy}${supersededAt ? `, ${at(supersededAt)}` : ''}`);
  }
  if (forgottenAt) {
    const why = forgetReason === null ? '' : `: ${forgetReason}`;
    facts.push(`forgotten ${at(forgottenAt)}${why}; popstash restore ${record.id} brings it back within 30 days`);
  }
  if (origin) facts.push(`written ${wordOrigin(origin)}`);
  return [...facts, ...wordHolds(holds)];
}

function wordOrigin({ worktree, branch, commit }: NonNullable<Shown['origin']>): string {
  const at = [branch === null ? '' : `on ${branch}`, commit === null ? '' : `at ${commit.slice(0, SHORT_COMMIT)}`];
  return [...at, `in ${worktree}`].filter(Boolean).join(' ');
}

async function listVersions({ versions, now }: Shown, width: number): Promise<string[]> {
  const [{ alignColumns }, { oneLine }, { humanAge }] = await Promise.all([
    import('../output/write-columns.js'),
    import('../output/show-text.js'),
    import('../../text/age.js'),
  ]);
  const rows = versions.map(({ version, id, state, author, createdAt, excerpt }) => [
    `v${version}  ${id}`,
    state,
    author ?? '',
    humanAge(createdAt, now),
    excerpt,
  ]);
  return alignColumns(
    rows.map(([version = '', ...others]) => [version, ...others.map(oneLine)]),
    width,
    { whole: 0 },
  );
}
