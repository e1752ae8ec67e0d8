import type { AddSubcommand } from '../context/command-context.js';
import { countOf } from '../output/format-figures.js';

const EXAMPLES = `
Example:
  POPSTASH_PRICES=~/prices.json popstash costs reprice

The price file, in dollars per million tokens; the first rule that fits wins:
  {"version": 1, "models": [
    {"match": "house-model-*", "per_mtok": {
      "input": "0.80", "output": "4.00", "cache_read": "0.08",
      "cache_write_5m": "1.00", "cache_write_1h": "1.60"}},
    {"match": "gpt-*", "provider": "azure", "multiplier": "0.85"}
  ]}
Set POPSTASH_PRICES where agents start too; popstash doctor names its faults.`;

export const addReprice: AddSubcommand = (costs, context) => {
  costs
    .command('reprice')
    .description('Compute the cost of all requests again, from their tokens and the prices of today')
    .option('--all', 'also of requests that were priced with the prices of today')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ all = false, json }: { all?: boolean; json?: boolean }) => {
      const [{ resolve }, { withLedger }, { createProgressLine }, { runUntilInterrupted }] = await Promise.all([
        import('node:path'),
        import('../context/open-ledger.js'),
        import('../output/progress-line.js'),
        import('../context/run-until-interrupted.js'),
      ]);
      const { POPSTASH_PRICES: named } = context.env;
      const progress = createProgressLine(process.stderr);
      const run = (signal: AbortSignal) =>
        withLedger(
          context,
          (ledger) =>
            ledger.ask(
              'reprice',
              { all, pricesFile: named === undefined ? undefined : resolve(named) },
              { signal, onProgress: progress.update },
            ),
          { isUpkeep: true },
        );
      const left = 'Totals are right at every moment: run popstash costs reprice again to go on.';
      const answer = await runUntilInterrupted(run, left).finally(progress.end);
      if (json) context.write(JSON.stringify(answer));
      else {
        const prices = answer.prices_file === null ? 'the built-in prices' : answer.prices_file;
        context.write(
          `${countOf(answer.changed, 'request has', 'requests have')} another cost now, ${countOf(answer.checked, 'request')} looked at; by ${prices}.`,
        );
      }
    });
};
