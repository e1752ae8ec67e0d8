import stringWidth from 'string-width';
import { formatDollars, parseDollars } from '../../accountability/money.js';
import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import type { Painter } from '../terminal/paint.js';
import { chooseDecimals, countOf, groupDigits, showDollars } from './format-figures.js';
import { createTimeFormat } from './format-time.js';
import { oneLine } from './show-text.js';
import { wrapText } from './wrap-text.js';
import { alignColumns } from './write-columns.js';

/** All that an audit tells. */
export interface Audit extends LedgerAnswer<'audit'> {
  differences: LedgerAnswer<'auditDifferences'>['differences'];
  unconfirmed: LedgerAnswer<'auditUnconfirmed'>['requests'];
}

type Request = Pick<Audit['unconfirmed'][number], 'client' | 'client_session' | 'keys' | 'at'>;

const MAX_TEXT_WIDTH = 100;

/** What `popstash costs audit` shows to people. @param width of the terminal, in columns */
export function showAudit(audit: Audit, width: number, painter: Painter): string[] {
  const textWidth = Math.min(width, MAX_TEXT_WIDTH);
  const showTime = createTimeFormat(audit.timezone);
  const heading = (text: string) => ['', ...wrapText(text, textWidth).map(painter.strong)];
  if (audit.sessions.length === 0) {
    return wrapText(
      'No request is known. popstash costs scan reads what clients have written on this machine.',
      textWidth,
    );
  }
  const [title = '', ...sessions] = alignColumns(listSessions(audit, showTime, width), width, { isTable: true });
  const hidden = audit.unconfirmed.filter(({ seen_by }) => seen_by === 'telemetry');
  const untold = audit.unconfirmed.filter(({ seen_by }) => seen_by !== 'telemetry');
  return [
    painter.faint(title),
    ...sessions,
    ...(audit.has_more ? wrapText('These are the latest sessions; --since and --until choose others.', textWidth) : []),
    ...wrapText(describeCoverage(audit), textWidth).map(painter.faint),
    ...heading(
      audit.differences.length === 0
        ? 'No difference between telemetry and transcripts.'
        : `${countOf(audit.differences.length, 'request')} about which telemetry and transcript differ`,
    ),
    ...audit.differences.flatMap((difference) => [
      ...wrapText(nameRequest(difference, showTime), textWidth),
      ...alignColumns(
        difference.fields.map(({ name, telemetry, transcript }) => [
          `  ${name}`,
          `telemetry ${oneLine(telemetry)}`,
          `transcript ${oneLine(transcript)}`,
        ]),
        width,
      ),
    ]),
    ...listRequests(hidden, {
      heading: (count, cost) =>
        heading(`${count} that only telemetry shows${cost}: totals from transcripts alone are too low by these`),
      line: (request) => wrapText(nameRequest(request, showTime), textWidth),
    }),
    ...listRequests(untold, {
      heading: (count, cost) =>
        heading(`${count}${cost} that transcripts show, and telemetry does not, of sessions that it saw`),
      line: (request) => wrapText(nameRequest(request, showTime), textWidth),
    }),
  ];
}

/** Columns of counts are left out where the terminal is narrow, the least telling ones first. */
function listSessions({ sessions }: Audit, showTime: (at: Date) => string, width: number): string[][] {
  const columns: [title: string, minWidth: number, cell: (session: Audit['sessions'][number]) => string | number][] = [
    ['client', 0, ({ client }) => oneLine(client ?? '(unknown)')],
    ['session', 0, ({ client_session }) => oneLine(client_session ?? '(none)')],
    ['last request', 90, ({ last_at }) => showTime(last_at)],
    ['both', 0, ({ both }) => both],
    ['telemetry', 60, ({ telemetry_only }) => telemetry_only],
    ['transcript', 0, ({ transcript_only }) => transcript_only],
    ['reported', 60, ({ reported }) => reported],
    ['unfinished', 100, ({ unfinished }) => unfinished],
  ];
  const shown = columns.filter(([, minWidth]) => minWidth <= width);
  const rows = [
    shown.map(([title]) => title),
    ...sessions.map((session) =>
      shown.map(([, , cell]) => {
        const value = cell(session);
        return typeof value === 'number' ? groupDigits(value) : value;
      }),
    ),
  ];
  const isNumber = shown.map(([title]) =>
    ['both', 'telemetry', 'transcript', 'reported', 'unfinished'].includes(title),
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      if (!isNumber[column]) return cell;
      const widest = Math.max(...rows.map((other) => stringWidth(other[column] ?? '')));
      return cell.padStart(widest);
    }),
  );
}

function describeCoverage({ coverage: { sessions, with_evidence, reported_only, missing } }: Audit): string {
  return `${countOf(sessions, 'session')}: ${with_evidence} with the client's own figures, ${reported_only} by report only, ${missing} without figures.`;
}

function listRequests(
  requests: Audit['unconfirmed'],
  show: { heading: (count: string, cost: string) => string[]; line: (request: Request) => string[] },
): string[] {
  if (requests.length === 0) return [];
  const costs = requests.map(({ cost_usd }) => cost_usd).filter((cost) => cost !== null);
  const sum = formatDollars(costs.reduce((total, cost) => total + parseDollars(cost), 0n));
  const cost = costs.length > 0 ? ` ($${showDollars(sum, chooseDecimals([sum]))})` : '';
  return [...show.heading(countOf(requests.length, 'request'), cost), ...requests.flatMap(show.line)];
}

/** `req_1 (codex, session S, 2026-11-26 09:05)` */
function nameRequest({ client, client_session, keys, at }: Request, showTime: (at: Date) => string): string {
  const id = keys.map((key) => key.replace(/^(request|message):/, '')).join(' ');
  const session = client_session === null ? '' : `, session ${client_session}`;
  return oneLine(`${id} (${client}${session}, ${showTime(at)})`);
}
