import { Option } from 'commander';
import { UNREPORTED_CLIENTS, USAGE_CLIENTS, type UsageClient } from '../../accountability/usage.js';
import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import type { AddSubcommand } from '../context/command-context.js';
import { countOf } from '../output/format-figures.js';
import { oneLine } from '../output/show-text.js';

interface ScanOptions {
  client?: string;
  dir?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  popstash costs scan                       all clients of this machine
  popstash costs scan --client ${USAGE_CLIENTS[0]}       that client only
  popstash costs scan --dir ~/old-home      another home folder`;

export const addScan: AddSubcommand = (costs, context) => {
  costs
    .command('scan')
    .description('Read all that clients have written on this machine into the ledger; a second run adds what is new')
    .addOption(
      new Option('--client <name>', 'of one client only').choices([
        ...USAGE_CLIENTS,
        ...Object.keys(UNREPORTED_CLIENTS),
      ]),
    )
    .option('--dir <dir>', "look in this folder instead: a home folder, or a client's own")
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ScanOptions) => {
      await runScan(await chooseUsageClient(options.client), options);
    });

  async function runScan(client: UsageClient | undefined, { dir, json }: ScanOptions): Promise<void> {
    const [{ scanUsage }, { createProgressLine }, { runUntilInterrupted }] = await Promise.all([
      import('../context/open-ledger.js'),
      import('../output/progress-line.js'),
      import('../context/run-until-interrupted.js'),
    ]);
    const folder = dir === undefined ? undefined : await findFolder(dir);
    const progress = createProgressLine(process.stderr);
    const read = (signal: AbortSignal) =>
      scanUsage(context, { client, folder }, { signal, onProgress: progress.update });
    const left = 'What was read is kept: run popstash costs scan again to go on.';
    const answer = await runUntilInterrupted(read, left).finally(progress.end);
    context.write(json ? JSON.stringify(answer) : describeScan(answer).join('\n'));
    if (answer.files_not_read > 0) process.exitCode = 1;
  }
};

/** The folder's whole path. @throws AppError `not_found` */
async function findFolder(dir: string): Promise<string> {
  const [{ resolve }, { statSync }, { AppError }] = await Promise.all([
    import('node:path'),
    import('node:fs'),
    import('../../errors.js'),
  ]);
  const folder = resolve(dir);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new AppError({
    code: 'not_found',
    message: `${folder} is no folder.`,
    fix: 'Name a home folder, or the folder in which a client keeps its data, such as a copy of its folder in another home.',
  });
}

/** @throws AppError `invalid_argument` for a client that writes no usage */
async function chooseUsageClient(name: string | undefined): Promise<UsageClient | undefined> {
  const client = USAGE_CLIENTS.find((known) => known === name);
  if (client || name === undefined) return client;
  const { AppError } = await import('../../errors.js');
  throw new AppError({
    code: 'invalid_argument',
    message: `${name}: ${UNREPORTED_CLIENTS[name]}.`,
    fix: 'Its agents can say what they used with the tool report_cost; such figures are graded "reported".',
  });
}

function describeScan(scan: LedgerAnswer<'scan'>): string[] {
  if (scan.files_found === 0) {
    return ['No client has written any usage here.', 'popstash costs scan --dir DIR looks in another folder.'];
  }
  const changed = scan.changed_requests > 0 ? `, ${countOf(scan.changed_requests, 'request')} known better` : '';
  return [
    `${countOf(scan.new_requests, 'new request')}${changed}; ${scan.files_read} of ${countOf(scan.files_found, 'file')} had something to read.`,
    ...(scan.files_busy > 0
      ? [`${countOf(scan.files_busy, 'file is', 'files are')} being read by another reader.`]
      : []),
    ...(scan.bad_rows > 0 ? [`${countOf(scan.bad_rows, 'row')} could not be understood and left out.`] : []),
    ...(scan.long_lines > 0 ? [`${countOf(scan.long_lines, 'line')} too long to be read.`] : []),
    ...scan.not_read.map(({ client, path, reason }) => `Not read: ${client}, ${oneLine(path)}: ${oneLine(reason)}`),
    ...(scan.files_not_read > scan.not_read.length
      ? [`${scan.files_not_read - scan.not_read.length} more files were not read.`]
      : []),
    ...(scan.new_requests > 0 ? ['popstash costs --all-projects shows what they cost.'] : []),
  ];
}
