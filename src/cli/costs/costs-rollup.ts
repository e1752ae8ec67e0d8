import type { AddSubcommand } from '../context/command-context.js';
import { countOf } from '../output/format-figures.js';

const EXAMPLES = `
Example:
  popstash costs rollup --rebuild   after a database was changed by hand`;

export const addRollup: AddSubcommand = (costs, context) => {
  costs
    .command('rollup')
    .description('Move what waits into the sums that answers are read from; a job does so by itself')
    .option('--rebuild', 'compare all sums with the requests, and correct them; in embedded mode agents wait meanwhile')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ rebuild = false, json }: { rebuild?: boolean; json?: boolean }) => {
      const [{ withLedger }, { runUntilInterrupted }] = await Promise.all([
        import('../context/open-ledger.js'),
        import('../context/run-until-interrupted.js'),
      ]);
      const run = (signal: AbortSignal) =>
        withLedger(context, (ledger) => ledger.ask('rollUp', { rebuild }, { signal }), { isUpkeep: true });
      const answer = await runUntilInterrupted(run, 'The sums are right all the same: they change as a whole.');
      if (json) context.write(JSON.stringify(answer));
      else {
        const corrected =
          answer.corrected === null
            ? ''
            : answer.corrected === 0
              ? ' All sums were right.'
              : ` ${countOf(answer.corrected, 'sum was', 'sums were')} wrong and ${answer.corrected === 1 ? 'is' : 'are'} corrected.`;
        context.write(`${countOf(answer.moved, 'change')} moved.${corrected}`);
      }
    });
};
