import { InvalidArgumentError, Option } from 'commander';
import { COST_KEYS, type CostKey } from '../accountability/costs/cost-types.js';
import type { AdminAnswer } from '../mcp/admin/admin-protocol.js';
import type { AddCommand } from './command-context.js';

interface CostsOptions {
  by: CostKey;
  since?: string;
  until?: string;
  allProjects?: boolean;
  timezone?: string;
  json?: boolean;
}

export const addCosts: AddCommand = (program, context) => {
  program
    .command('costs')
    .description('Show what the requests of agents cost, and how the figures are known')
    .addOption(new Option('--by <key>', 'what totals are split by').choices(COST_KEYS).default('day'))
    .option('--since <time>', 'from this day or time on (ISO 8601)', readTime)
    .option('--until <time>', 'before this day or time', readTime)
    .option('--all-projects', 'not only of this project')
    .option('--timezone <name>', 'in which days begin; an IANA name')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json, allProjects = false, ...options }: CostsOptions) => {
      const { askServer } = await import('./ask-server.js');
      const answer = await askServer(context, 'costs', { ...options, allProjects });
      context.write(json ? JSON.stringify(answer) : (await describe(answer, options.by, context.width)).join('\n'));
    });
};

function readTime(text: string): string {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  if (isTime && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    'It must be a day or a time with its zone, such as 2026-11-26 or 2026-11-26T09:00:00Z.',
  );
}

type Costs = AdminAnswer<'costs'>;

async function describe({ rows, total, coverage, timezone }: Costs, by: CostKey, width: number): Promise<string[]> {
  if (total.requests === 0) return ['No usage is known.'];
  const { alignColumns } = await import('./write-columns.js');
  const cells = [...rows.map((row) => toCells(row.key ?? '(none)', row)), toCells('total', total)];
  const figures = [['requests', 'tokens in', 'out', 'USD', 'known by'], ...cells.map((row) => row.slice(1))];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...figures.map((row) => row[column]?.length ?? 0)));
  const lines = [[by, ...(figures[0] ?? [])], ...cells].map(([key = '', ...row]) => [
    key,
    ...row.map((cell, column) => cell.padStart(widths[column] ?? 0)),
  ]);
  const unpriced = total.unpriced > 0 ? [`${total.unpriced} requests have no known price: they are not in USD.`] : [];
  return [...alignColumns(lines, width), ...unpriced, ...describeCoverage(coverage, timezone)];
}

function toCells(key: string, { requests, tokens, cost_usd, grades }: Costs['total']): string[] {
  const input = tokens.input + tokens.cache_read + tokens.cache_write_5m + tokens.cache_write_1h;
  return [
    key,
    String(requests),
    String(input),
    String(tokens.output),
    showDollars(cost_usd),
    Object.keys(grades).join(', '),
  ];
}

function showDollars(dollars: string | null): string {
  if (dollars === null) return '?';
  const amount = Number(dollars);
  return amount > 0 && amount < 0.01 ? '<0.01' : amount.toFixed(2);
}

function describeCoverage(
  { sessions, with_evidence, reported_only, missing }: Costs['coverage'],
  zone: string,
): string[] {
  return [
    `${sessions} sessions: ${with_evidence} with figures of the client, ${reported_only} by report only, ${missing} unknown`,
    `time zone ${zone}`,
  ];
}
