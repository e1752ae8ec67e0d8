import type { Check } from '../hooks/doctor/run-check.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { oneLine } from './output/show-text.js';

const MARKS: Readonly<Record<Check['state'], string>> = { ok: 'ok     ', warning: 'warning', broken: 'BROKEN ' };

interface DoctorOptions {
  json?: boolean;
  fix?: boolean;
}

/** Checks that a damaged store breaks. */
const STORE_CHECKS = new Set(['server', 'store']);

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('Check every part, and prove that an edit of a held file is denied; says how to fix what is wrong')
    .option(
      '--fix',
      'replace a damaged embedded store by its newest backup, or by an empty one; the damaged files are kept',
    )
    .option('--json', 'print the answer as JSON')
    .action(async (options: DoctorOptions) => {
      let checks = await check(context, options);
      const isStoreBroken = checks.some(({ name, state }) => state === 'broken' && STORE_CHECKS.has(name));
      const { mendEmbeddedStore } = await import('./memory/mend-embedded-store.js');
      const mended = options.fix && isStoreBroken ? await mendEmbeddedStore(context) : null;
      if (mended !== null) {
        if (!options.json) for (const line of [...mended, 'Checking again.']) context.write(line);
        checks = await check(context, options);
      }
      const broken = checks.some(({ state }) => state === 'broken');
      if (options.json) context.write(JSON.stringify({ healthy: !broken, ...(mended && { fixed: mended }), checks }));
      else context.write(broken ? 'Something is broken; see above.' : 'PopStash works.');
      if (broken) process.exitCode = 1;
    });
};

async function check(context: CommandContext, { json }: DoctorOptions): Promise<Check[]> {
  const { runChecks } = await import('./context/run-checks.js');
  const checks: Check[] = [];
  for await (const each of runChecks(context)) {
    const worded = { ...each, detail: context.word(each.detail), ...(each.fix && { fix: context.word(each.fix) }) };
    checks.push(worded);
    if (!json) context.write(describe(worded));
  }
  return checks;
}

function describe({ name, state, detail, fix }: Check): string {
  const more = fix ? `\n${' '.repeat(23)}→ ${oneLine(fix)}` : '';
  return `${MARKS[state]}  ${oneLine(name).padEnd(12)}  ${oneLine(detail)}${more}`;
}
