import { clipText } from '../../text/clip-text.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import { clipSentence } from '../../text/quote-text.js';

/** A notice as an answer carries it. */
export interface ShownNotice {
  kind: string;
  /** ISO time. */
  at: string;
  message: string;
  data: Record<string, unknown>;
}

/** Tokens of all notices of one answer, estimated: with the estimate's error below 400 real ones. */
const MAX_TOKENS = 300;
/** Of the line that tells how many were left out. */
const REST_TOKENS = 50;
/** Characters of one message when it has to share the answer, and when it has it alone. */
const MAX_MESSAGE = 560;
const MAX_LONE_MESSAGE = 900;
/** Notices whose authors are told with client, branch and terminal. */
const MAX_WHOLE = 2;
/** Entries of a list within a notice. */
const MAX_ENTRIES = 20;
const MIN_ENTRIES = 3;
/** What an agent must know first. */
const ORDER = [
  'lock_lost',
  'shell_write',
  'guard_override',
  'superseded',
  'memory_replaced',
  'task_idle',
  'lock_expiring',
  'announcement',
];

/**
 * The notices that one answer carries: the most urgent ones that fit, each shortened where it is long, and how many were
 * left out. What is left out is on the timeline, and what is held now in who_is_working.
 */
export function fitNotices(notices: readonly ShownNotice[]): ShownNotice[] {
  const sizes = notices.length === 1 ? [MAX_LONE_MESSAGE, MAX_MESSAGE] : [MAX_MESSAGE];
  const told = notices.length > MAX_WHOLE ? notices.map(nameAuthor) : notices;
  const urgent = [...told.entries()].sort(([, a], [, b]) => rank(a) - rank(b));
  const chosen = new Map<number, ShownNotice>();
  let left = MAX_TOKENS;
  for (const [order, [index, notice]] of urgent.entries()) {
    const isLast = order === urgent.length - 1 && chosen.size === order;
    const fitting = shorten(notice, sizes).find((short) => tokensOf(short) <= left - (isLast ? 0 : REST_TOKENS));
    if (!fitting) continue;
    chosen.set(index, fitting);
    left -= tokensOf(fitting);
  }
  const shown = told.flatMap((_, index) => chosen.get(index) ?? []);
  const rest = notices.filter((_, index) => !chosen.has(index));
  return rest.length === 0 ? shown : [...shown, countRest(rest)];
}

/** Where many share an answer, the author of each is told by its name and id alone: who_is_working tells the rest. */
function nameAuthor(notice: ShownNotice): ShownNotice {
  if (notice.kind !== 'announcement') return notice;
  const { client: _c, branch: _b, worktree: _w, terminal: _t, pid: _p, ...data } = notice.data;
  return { ...notice, data };
}

/** Shorter and shorter forms of a notice. */
function* forms(notice: ShownNotice, sizes: readonly number[]): Generator<ShownNotice> {
  for (const size of sizes) yield cut(notice, size, MAX_ENTRIES);
  for (const entries of [8, MIN_ENTRIES]) yield cut(notice, MAX_MESSAGE, entries);
  yield cut(notice, MAX_MESSAGE / 2, MIN_ENTRIES);
  // Of texts that take many tokens a character.
  yield cut(notice, MAX_MESSAGE / 8, 0);
}

function shorten(notice: ShownNotice, sizes: readonly number[]): ShownNotice[] {
  return [...forms(notice, sizes)];
}

function cut({ kind, at, message, data }: ShownNotice, chars: number, entries: number): ShownNotice {
  // An announcement is its author's words as they came: no quotation of ours is in it.
  const short = kind === 'announcement' ? clipText(message, chars) : clipSentence(message, chars);
  return { kind, at, message: short, data: cutData(data, chars, entries) };
}

/** Lists shortened, with how many there were. */
function cutData(data: Record<string, unknown>, chars: number, entries: number): Record<string, unknown> {
  const counts: Record<string, number> = {};
  const fields = Object.entries(data).map(([name, value]): [string, unknown] => {
    if (typeof value === 'string') return [name, clipText(value, chars / 2)];
    if (!Array.isArray(value) || value.length <= entries) return [name, value];
    if (data.count === undefined) counts[`${name}_count`] = value.length;
    return [name, value.slice(0, entries)];
  });
  return { ...Object.fromEntries(fields), ...counts };
}

function countRest(rest: readonly ShownNotice[]): ShownNotice {
  const kinds = new Map<string, number>();
  for (const { kind } of rest) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const named = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return {
    kind: 'more',
    at: rest.at(-1)?.at ?? '',
    message: `More came than fits: ${named}. Call timeline for them, and who_is_working for what is held.`,
    data: { count: rest.length },
  };
}

function rank({ kind }: ShownNotice): number {
  const at = ORDER.indexOf(kind);
  return at === -1 ? ORDER.length : at;
}

function tokensOf(notice: ShownNotice): number {
  return estimateTokens(JSON.stringify(notice));
}
