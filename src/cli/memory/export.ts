import { Option } from 'commander';
import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import type { ServerSession } from '../context/ask-server.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';
import { writeError } from '../terminal/write-error.js';

interface ExportOptions {
  format: 'jsonl' | 'markdown';
  output?: string;
  history: boolean;
}

type Page = AdminAnswer<'exportPage'>;

const EXAMPLES = `
Examples:
  popstash export --output memory.jsonl         all memories with their versions, for popstash import
  popstash export --format markdown | less      the live ones, for reading
  popstash export --no-history | jq -r .text    the live ones, for other programs`;

export const addExport: AddCommand = (program, context) => {
  program
    .command('export')
    .description('Write the memories of this project to stdout or a file: JSON Lines to keep, Markdown to read')
    .addOption(new Option('--format <format>', 'what to write').choices(['jsonl', 'markdown']).default('jsonl'))
    .option('--output <file>', 'write to this file, which only you may read')
    .option('--no-history', 'leave out versions that were superseded (Markdown never has them)')
    .addHelpText('after', EXAMPLES)
    .action((options: ExportOptions) => runExport(context, options));
};

async function runExport(context: CommandContext, options: ExportOptions): Promise<void> {
  const [{ connectToServer }, { createProgressLine }] = await Promise.all([
    import('../context/ask-server.js'),
    import('../output/progress-line.js'),
  ]);
  const server = await connectToServer(context);
  try {
    if (options.output === undefined) {
      for await (const { text } of writeParts(server, options)) context.writeText(text);
      return;
    }
    const progress = createProgressLine(process.stderr);
    const written = await writeFile(server, options, options.output, progress.update).finally(progress.end);
    writeError(`Wrote ${written} memories to ${options.output}`);
  } finally {
    await server.close();
  }
}

/** All or nothing: a file that is there is replaced when the whole export is written. @returns how many memories */
async function writeFile(
  server: ServerSession,
  options: ExportOptions,
  path: string,
  onProgress: (text: string) => void,
): Promise<number> {
  const { open, rename, rm } = await import('node:fs/promises');
  const temporary = `${path}.writing-${process.pid}`;
  const file = await open(temporary, 'w', 0o600);
  let written = 0;
  try {
    for await (const { text, memories, count } of writeParts(server, options)) {
      await file.write(`${text}\n`);
      written += memories;
      onProgress(`${written} of ${count} memories`);
    }
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  return written;
}

/** The export page by page, without the last line break of each part. */
async function* writeParts(
  server: ServerSession,
  { format, history }: ExportOptions,
): AsyncGenerator<{ text: string; memories: number; count: number }> {
  const [{ writeHeader, writeRecord }, { writeSection, writeTitle }, { findPackage }] = await Promise.all([
    import('../../memory/transfer/own-format.js'),
    import('../../memory/transfer/write-markdown.js'),
    import('../../package-root.js'),
  ]);
  const isMarkdown = format === 'markdown';
  let lastKind: string | null = null;
  const writeOne = (record: Page['records'][number]): string => {
    if (!isMarkdown) return writeRecord(record);
    const isFirst = record.kind !== lastKind;
    lastKind = record.kind;
    return `\n${writeSection(record, isFirst)}`;
  };
  let after: Page['next'] = null;
  let count = 0;
  do {
    const page: Page = await server.ask('exportPage', { after, history: history && !isMarkdown });
    const isFirst = after === null;
    count = page.count ?? count;
    const now = new Date();
    const head = isMarkdown
      ? writeTitle(page.project.root, now)
      : writeHeader(page.project, findPackage().version, now);
    const lines = [...(isFirst ? [head] : []), ...page.records.map(writeOne)];
    if (lines.length > 0) yield { text: lines.join('\n'), memories: page.records.length, count };
    after = page.next;
  } while (after !== null);
}
