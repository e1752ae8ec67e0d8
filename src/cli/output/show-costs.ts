import type { CostKey } from '../../accountability/costs/cost-types.js';
import { parseDollars } from '../../accountability/money.js';
import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import type { Painter } from '../terminal/paint.js';
import { chooseDecimals, countOf, showDollars } from './format-figures.js';
import { type CostLine, layOutCosts } from './lay-out-costs.js';
import { oneLine } from './show-text.js';
import { wrapText } from './wrap-text.js';
import { clipToWidth } from './write-columns.js';

type Costs = LedgerAnswer<'costs'>;
type Total = Costs['report']['total'];

export interface CostScreen {
  by: CostKey;
  /** Of the terminal, in columns. */
  width: number;
  painter: Painter;
  /** Usage was asked for in a window only. */
  isWindow: boolean;
}

/** Keys that are in the order of time; the others are shown by cost. */
const TIMES: readonly CostKey[] = ['hour', 'day', 'week', 'month'];
/** Models without a price that are named. */
const MAX_MODELS = 5;
const MAX_MODEL_WIDTH = 60;
/** Sentences are not wider than people like to read. */
const MAX_TEXT_WIDTH = 100;

/** What `popstash costs` shows to people. */
export function showCosts(answer: Costs, screen: CostScreen): string[] {
  const { report } = answer;
  const { painter } = screen;
  const textWidth = Math.min(screen.width, MAX_TEXT_WIDTH);
  const wrap = (sentences: readonly string[]) => sentences.flatMap((sentence) => wrapText(sentence, textWidth));
  if (report.total.requests === 0) {
    return wrap([
      ...describeNothing(answer, screen),
      ...(report.coverage.sessions > 0 ? [describeSessions(answer)] : []),
    ]);
  }
  const [title = '', ...lines] = layOutCosts(screen.by, listLines(answer, screen.by), screen.width);
  const total = lines.pop() ?? '';
  return [
    painter.faint(title),
    ...lines,
    painter.strong(total),
    '',
    ...wrap(describeBounds(answer)).map(painter.warning),
    ...wrap(describeUnpriced(answer)).map(painter.warning),
    ...wrap([describeSessions(answer)]).map(painter.faint),
  ];
}

/** The groups, and the total as the last one. */
function listLines({ report, labels }: Costs, by: CostKey): CostLine[] {
  const rows = TIMES.includes(by) ? report.rows : [...report.rows].sort(byCost);
  const lines = rows.map(({ key, ...total }) => {
    const label = key === null ? undefined : labels[key];
    return {
      ...total,
      label: key === null ? `(no ${by})` : oneLine(label === undefined ? key : shortenLabel(label, by)),
      id: label === undefined ? '' : (key ?? ''),
      isAtLeast: isLowerBound(total),
    };
  });
  const isAtLeast = isLowerBound(report.total) || report.coverage.missing > 0;
  return [...lines, { ...report.total, label: 'total', id: '', isAtLeast }];
}

/** A project is its repository, whose `.git` says nothing, and the end of whose path says most. */
function shortenLabel(label: string, by: CostKey): string {
  if (by !== 'project') return label;
  const root = label.replace(/[\\/]\.git$/, '');
  return root.length <= MAX_MODEL_WIDTH ? root : `…${root.slice(-MAX_MODEL_WIDTH + 1)}`;
}

function byCost(a: Total & { key: string | null }, b: Total & { key: string | null }): number {
  const difference = parseDollars(b.cost_usd ?? '0') - parseDollars(a.cost_usd ?? '0');
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  return b.requests - a.requests;
}

/** Transcripts can miss requests; unpriced ones are not in the sum; of partial ones the end was never seen. */
export function isLowerBound({ unpriced, grades }: Total): boolean {
  return unpriced > 0 || grades.transcript !== undefined || grades.partial !== undefined;
}

/** Why the total is a lower bound, and which part of it nobody can check. */
function describeBounds({ report: { total, coverage } }: Costs): string[] {
  const { transcript, partial, reported } = total.grades;
  const reasons = [
    coverage.missing > 0 && `${countOf(coverage.missing, 'session')} left no figures`,
    total.unpriced > 0 && `${countOf(total.unpriced, 'request has', 'requests have')} no known price`,
    partial && `of ${countOf(partial.requests, 'request')} only the beginning was seen`,
    transcript &&
      `${countOf(transcript.requests, 'request is', 'requests are')} known from transcripts, which may miss some`,
  ].filter((reason) => typeof reason === 'string');
  const cost = total.cost_usd === null ? null : showDollars(total.cost_usd, chooseDecimals([total.cost_usd]));
  const sentences: string[] = [];
  if (reasons.length > 0 && cost !== null) sentences.push(`At least $${cost}: ${reasons.join('; ')}.`);
  else if (reasons.length > 0) sentences.push(`The cost is not known: ${reasons.join('; ')}.`);
  if (reported) {
    sentences.push(
      `${countOf(reported.requests, 'report')} of agents ${reported.requests === 1 ? 'is' : 'are'} counted, which nothing confirms.`,
    );
  }
  return sentences;
}

function describeUnpriced({ unpriced_models: models }: Costs): string[] {
  if (models.length === 0) return [];
  const names = models
    .slice(0, MAX_MODELS)
    .map(({ model, requests }) => `${clipToWidth(oneLine(model ?? '(no model)'), MAX_MODEL_WIDTH)} (${requests})`);
  const more = models.length > MAX_MODELS ? `, and ${models.length - MAX_MODELS} more (--by model lists them)` : '';
  return [
    `Without a price: ${names.join(', ')}${more}. To price them, name a price file in POPSTASH_PRICES and run popstash costs reprice; its --help shows the file's form.`,
  ];
}

function describeSessions({ report: { coverage, timezone } }: Costs): string {
  const parts = [
    coverage.with_evidence > 0 && `${coverage.with_evidence} with the client's own figures`,
    coverage.reported_only > 0 && `${coverage.reported_only} by report only`,
    coverage.missing > 0 && `${coverage.missing} without figures`,
  ].filter((part) => typeof part === 'string');
  const sessions = `${countOf(coverage.sessions, 'session')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
  return `${sessions}. Days begin in the time zone ${timezone}.`;
}

function describeNothing({ known }: Costs, { isWindow }: CostScreen): string[] {
  if (known === 'here' && isWindow) return ['No usage in this time. Without --since and --until all of it is shown.'];
  const scan = 'popstash costs scan reads what your clients have written on this machine.';
  if (known === 'in-other-projects') {
    return ['No usage is known in this project.', `popstash costs --all-projects shows that of others. ${scan}`];
  }
  return ['No usage is known yet.', scan];
}
