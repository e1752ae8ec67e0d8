import type { Check } from '../hooks/doctor/run-check.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

interface DoctorOptions {
  json?: boolean;
  fix?: boolean;
}

const EXAMPLES = `
Examples:
  popstash doctor                    checks every part, here and now
  popstash doctor --fix              mends what it can: a damaged store, tables that are missing or old, open rights
  popstash doctor --json | jq .checks`;

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('Check every part, and prove that an edit of a held file is denied; says how to fix what is wrong')
    .option(
      '--fix',
      'mend what can be mended: a damaged embedded store is replaced by its newest backup, or by an empty one, and its files are kept; the tables in DATABASE_URL are created or updated; others may no longer write to the data folder',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorOptions) => {
      let checks = await check(context, options);
      const { mend } = await import('./memory/mend.js');
      const mended = options.fix ? await mend(context, checks) : [];
      if (mended.length > 0) {
        if (!options.json) for (const line of [...mended, 'Checking again.']) context.write(line);
        checks = await check(context, options);
      }
      const broken = checks.some(({ state }) => state === 'broken');
      if (options.json) {
        context.write(JSON.stringify({ healthy: !broken, ...(mended.length > 0 && { fixed: mended }), checks }));
      } else {
        const [{ concludeChecks }, { createPainter }] = await Promise.all([
          import('./output/conclude-checks.js'),
          import('./terminal/paint.js'),
        ]);
        context.write(concludeChecks(checks, createPainter(context.isColoured)).map(context.word).join('\n'));
      }
      if (broken) process.exitCode = 1;
    });
};

async function check(context: CommandContext, { json }: DoctorOptions): Promise<Check[]> {
  const [{ runChecks }, { describeCheck }, { createPainter }, { createProgressLine }] = await Promise.all([
    import('./context/run-checks.js'),
    import('./output/describe-check.js'),
    import('./terminal/paint.js'),
    import('./output/progress-line.js'),
  ]);
  const painter = createPainter(context.isColoured);
  const progress = createProgressLine(process.stderr);
  const checks: Check[] = [];
  const say = () => process.stderr.isTTY && progress.update(`checking … (${checks.length} done)`);
  say();
  for await (const each of runChecks(context)) {
    const worded = { ...each, detail: context.word(each.detail), ...(each.fix && { fix: context.word(each.fix) }) };
    checks.push(worded);
    progress.end();
    if (!json) context.write(describeCheck(worded, context.width, painter));
    say();
  }
  progress.end();
  return checks;
}
