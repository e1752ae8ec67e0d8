import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import type { Painter } from '../terminal/paint.js';
import { createTimeFormat } from './format-time.js';
import { oneLine } from './show-text.js';
import { clipToWidth, padToWidth } from './write-columns.js';

export type Activity = LedgerAnswer<'timeline'>['activities'][number];

/** From this width on ids of agents are shown. */
const WIDE = 110;
/** Below this width an activity has two lines. */
const NARROW = 60;
const NAME_WIDTH = 16;
/** With the client beside it. */
const WIDE_NAME_WIDTH = 28;
const ID_WIDTH = 22;
const GAP = '  ';

/** Makes a function that shows an activity in one line, or two. Columns are fixed: more activities may follow later. */
export function createActivityView(
  timezone: string,
  width: number,
  painter: Painter,
): (activity: Activity) => string[] {
  const showTime = createTimeFormat(timezone, { hasSeconds: width >= WIDE });
  const nameWidth = width >= WIDE ? WIDE_NAME_WIDTH : NAME_WIDTH;
  const nameAgent = createActivityNames(width >= WIDE);
  return (activity) => {
    const { at, agentId, description } = activity;
    const name = oneLine(nameAgent(activity));
    const text = oneLine(description);
    if (width < NARROW) {
      const who = clipToWidth(`${showTime(at)}${GAP}${name}`, width);
      return [painter.faint(who), clipToWidth(`${GAP}${text}`, width)];
    }
    const id = width >= WIDE ? `${padToWidth(agentId ?? '', ID_WIDTH)}${GAP}` : '';
    const start = `${showTime(at)}${GAP}${id}`;
    const who = padToWidth(clipToWidth(name, nameWidth), nameWidth);
    const rest = width - start.length - nameWidth - GAP.length;
    return [`${painter.faint(start)}${who}${GAP}${clipToWidth(text, rest)}`.trimEnd()];
  };
}

/** Agents of one name that follow each other in one list are told apart by the end of their ids. */
function createActivityNames(isWide: boolean): (activity: Activity) => string {
  const named = new Map<string, string>();
  return ({ agentId, agentName, agentClient }) => {
    if (agentName === null || agentId === null) return agentName ?? agentId ?? '';
    if (!named.has(agentName)) named.set(agentName, agentId);
    // An agent without a client is called as its client is, like many others.
    const isKnown = agentClient === null || named.get(agentName) === agentId;
    const name = isKnown ? agentName : `${agentName} ${agentId.slice(-4)}`;
    return isWide && agentClient !== null ? `${name} (${agentClient})` : name;
  };
}

/** An activity for scripts: one JSON object in one line. */
export function activityLine({
  id,
  at,
  agentId,
  agentName,
  agentClient,
  sessionId,
  type,
  subject,
  metadata,
  description,
}: Activity): string {
  return JSON.stringify({
    id,
    time: at.toISOString(),
    agent_id: agentId,
    agent: agentName,
    client: agentClient,
    session_id: sessionId,
    type,
    description,
    subject,
    metadata,
  });
}
