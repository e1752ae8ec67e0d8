import { Option } from 'commander';
import { COST_KEYS, type CostKey } from '../accountability/costs/cost-types.js';
import type { AddCommand } from './context/command-context.js';
import { readMoment, type ScopeOptions, toScope } from './context/time-options.js';
import { addAudit } from './costs/costs-audit.js';
import { addReprice } from './costs/costs-reprice.js';
import { addRollup } from './costs/costs-rollup.js';
import { addScan } from './costs/costs-scan.js';

interface CostsOptions extends ScopeOptions {
  by: CostKey;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  popstash costs --since 7d                         the last days, a row each
  popstash costs --by model --since 2026-11 --json  by model, for scripts
  popstash costs --by task --since yesterday        what each task has cost`;

const SUBCOMMANDS = [addScan, addAudit, addReprice, addRollup];

export const addCosts: AddCommand = (program, context) => {
  const costs = program
    .command('costs')
    .description('Show what the requests of agents cost, and how the figures are known')
    .usage('[options] [command]')
    // Options behind a subcommand are the subcommand's.
    .enablePositionalOptions()
    .addOption(new Option('--by <key>', 'what totals are split by').choices(COST_KEYS).default('day'))
    .option('--since <time>', 'from this moment on: 2026-11-26, 2026-W48, 7d, today, …', readMoment)
    .option('--until <time>', 'before this moment', readMoment)
    .option('--all-projects', 'not only of this project')
    .option('--timezone <name>', 'in which days begin; an IANA name (default: POPSTASH_TIMEZONE, or the system)')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ by, json, ...options }: CostsOptions) => {
      const { withLedger } = await import('./context/open-ledger.js');
      const scope = toScope(options, context.env);
      const answer = await withLedger(context, (ledger) => ledger.ask('costs', { by, ...scope }));
      if (json) {
        context.write(JSON.stringify(answer.report));
        return;
      }
      const [{ showCosts }, { createPainter }] = await Promise.all([
        import('./output/show-costs.js'),
        import('./terminal/paint.js'),
      ]);
      const isWindow = options.since !== undefined || options.until !== undefined;
      const screen = { by, width: context.width, painter: createPainter(context.isColoured), isWindow };
      context.write(showCosts(answer, screen).join('\n'));
    });
  for (const add of SUBCOMMANDS) add(costs, context);
};
