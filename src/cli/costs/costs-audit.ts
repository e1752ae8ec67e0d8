import type { AddSubcommand } from '../context/command-context.js';
import type { Ledger } from '../context/open-ledger.js';
import { readMoment, type ScopeOptions, toScope } from '../context/time-options.js';
import type { Audit } from '../output/show-audit.js';

type Scope = ReturnType<typeof toScope>;

/** Requests of one part of a list. */
const PAGE = 500;

const EXAMPLES = `
Examples:
  popstash costs audit --since 7d            of this project's last days
  popstash costs audit --all-projects --json`;

export const addAudit: AddSubcommand = (costs, context) => {
  costs
    .command('audit')
    .description('Show which evidence there is of each session, and every request about which two witnesses differ')
    .option('--since <time>', 'from this moment on: 2026-11-26, 2026-W48, 7d, today, …', readMoment)
    .option('--until <time>', 'before this moment', readMoment)
    .option('--all-projects', 'not only of this project')
    .option('--timezone <name>', 'of the times; an IANA name (default: POPSTASH_TIMEZONE, or the system)')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json, ...options }: ScopeOptions & { json?: boolean }) => {
      const { withLedger } = await import('../context/open-ledger.js');
      const scope = toScope(options, context.env);
      const audit = await withLedger(context, (ledger) => readAudit(ledger, scope), { isUpkeep: true });
      if (json) {
        context.write(JSON.stringify(audit));
        return;
      }
      const [{ showAudit }, { createPainter }] = await Promise.all([
        import('../output/show-audit.js'),
        import('../terminal/paint.js'),
      ]);
      context.write(showAudit(audit, context.width, createPainter(context.isColoured)).join('\n'));
    });
};

async function readAudit(ledger: Ledger, scope: Scope): Promise<Audit> {
  const overview = await ledger.ask('audit', scope);
  const differences = await readParts(async (after) => {
    const { differences: part, next } = await ledger.ask('auditDifferences', { ...scope, limit: PAGE, after });
    return { part, next };
  });
  const unconfirmed = await readParts(async (after) => {
    const { requests: part, next } = await ledger.ask('auditUnconfirmed', { ...scope, limit: PAGE, after });
    return { part, next };
  });
  return { ...overview, differences, unconfirmed };
}

async function readParts<Row>(
  read: (after: string | undefined) => Promise<{ part: Row[]; next: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const { part, next } = await read(after);
    rows.push(...part);
    after = next ?? undefined;
  } while (after !== undefined);
  return rows;
}
