import { Option } from 'commander';
import { AppError } from '../../errors.js';
import { FOUND_BY_THEMSELVES, SOURCE_NAMES, SOURCES, type SourceName } from '../../memory/sources/source-list.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';

interface ImportOptions {
  from: SourceName | 'auto';
  dryRun?: boolean;
  undo?: string | true;
  list?: boolean;
  json?: boolean;
}

const HELP = `
Formats:
${SOURCE_NAMES.map((name) => `  ${name.padEnd(20)}${SOURCES[name].what}`).join('\n')}
  ${'auto'.padEnd(20)}${FOUND_BY_THEMSELVES}

Examples:
  popstash import memory.jsonl                       an export of PopStash; a second time adds nothing
  popstash import --from auto --dry-run              what there is to import, and what of it is new
  popstash import --from server-memory memory.jsonl
  popstash import --undo                             takes the latest import back, and nothing written since`;

export const addImport: AddCommand = (program, context) => {
  program
    .command('import [path]')
    .description('Import memories: an export of PopStash, or what other tools remember; secrets are taken out')
    .addOption(new Option('--from <format>', 'what to read').choices([...SOURCE_NAMES, 'auto']).default('popstash'))
    .option('--dry-run', 'say what would be imported, and write nothing')
    .option('--undo [import]', 'take an import back: the one of this id, or the latest')
    .option('--list', 'list the imports of this project')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', HELP)
    .action((path: string | undefined, options: ImportOptions) => runImport(context, path, options));
};

async function runImport(context: CommandContext, path: string | undefined, options: ImportOptions): Promise<void> {
  const { from, dryRun = false, undo, list, json } = options;
  if (list) return await listImports(context, json);
  if (undo !== undefined) return await undoImport(context, undo === true ? null : undo, json);
  const [{ choosePlaces }, { importSources }, { describeImport }, { writeJson }] = await Promise.all([
    import('./choose-places.js'),
    import('./run-import.js'),
    import('./show-import.js'),
    import('../output/write-json.js'),
  ]);
  const sources = await choosePlaces(context.env, from, path);
  if (sources.length === 0) {
    if (from !== 'auto') throw noPath(from);
    context.write(json ? writeJson({ import_id: null, sources: [] }) : 'Other tools remember nothing of this project.');
    return;
  }
  const answer = await importSources(context, sources, { isDryRun: dryRun, source: from });
  context.write(json ? writeJson(answer) : describeImport(answer, dryRun, context.width).join('\n'));
  if (answer.sources.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

function noPath(from: SourceName): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `Nothing of ${from} was found in this project.`,
    fix: `Give the path: popstash import --from ${from} PATH. It is ${SOURCES[from].what}.`,
  });
}

async function undoImport(context: CommandContext, importId: string | null, json: boolean | undefined): Promise<void> {
  const [{ askServer }, { callingPerson }] = await Promise.all([
    import('../context/ask-server.js'),
    import('../context/calling-person.js'),
  ]);
  const answer = await askServer(context, 'undoImport', { importId, ...callingPerson() });
  if (json) {
    context.write(JSON.stringify(answer));
    return;
  }
  const { id, removed, revived, kept } = answer;
  const more = [
    revived > 0 ? `${revived} that it had replaced are live again` : '',
    kept > 0 ? `${kept} stay, since they were edited here` : '',
  ].filter((part) => part !== '');
  context.write(`Took ${id} back: ${[`${removed} memories removed`, ...more].join('; ')}.`);
}

async function listImports(context: CommandContext, json: boolean | undefined): Promise<void> {
  const [{ askServer }, { alignColumns }, { oneLine }, { writeJson }] = await Promise.all([
    import('../context/ask-server.js'),
    import('../output/write-columns.js'),
    import('../output/show-text.js'),
    import('../output/write-json.js'),
  ]);
  const answer = await askServer(context, 'listImports');
  if (json) context.write(writeJson(answer));
  else if (answer.imports.length === 0) context.write('Nothing was imported into this project.');
  else {
    const rows = answer.imports.map(({ id, source, origin, createdAt, memories, importedBy }) =>
      [id, createdAt.toISOString(), `${memories} memories`, source, importedBy, origin].map(oneLine),
    );
    context.write(alignColumns(rows, context.width).join('\n'));
  }
}
