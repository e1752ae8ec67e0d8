import type { Check } from '../hooks/doctor/run-check.js';
import type { AddCommand } from './context/command-context.js';

const MARKS: Readonly<Record<Check['state'], string>> = { ok: 'ok     ', warning: 'warning', broken: 'BROKEN ' };

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('Check every part, and prove that an edit of a held file is denied; says how to fix what is wrong')
    .option('--json', 'print the answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const { runChecks } = await import('./context/run-checks.js');
      const checks: Check[] = [];
      for await (const check of runChecks(context)) {
        checks.push(check);
        if (!options.json) context.write(describe(check));
      }
      const broken = checks.some(({ state }) => state === 'broken');
      if (options.json) context.write(JSON.stringify({ healthy: !broken, checks }));
      else context.write(broken ? 'Something is broken; see above.' : 'PopStash works.');
      if (broken) process.exitCode = 1;
    });
};

function describe({ name, state, detail, fix }: Check): string {
  return `${MARKS[state]}  ${name.padEnd(12)}  ${detail}${fix ? `\n${' '.repeat(23)}→ ${fix}` : ''}`;
}
