import type { LedgerAnswer } from '../../mcp/admin/ledger-protocol.js';
import { createTimeFormat } from './format-time.js';
import { plainLabel } from './lay-out-costs.js';
import type { Painter } from './paint.js';
import { clipToWidth, padToWidth } from './write-columns.js';

export type Activity = LedgerAnswer<'timeline'>['activities'][number];

/** From this width on ids of agents are shown. */
const WIDE = 110;
/** Below this width an activity has two lines. */
const NARROW = 60;
const NAME_WIDTH = 16;
const ID_WIDTH = 22;
const GAP = '  ';

/** Makes a function that shows an activity in one line, or two. Columns are fixed: more activities may follow later. */
export function createActivityView(
  timezone: string,
  width: number,
  painter: Painter,
): (activity: Activity) => string[] {
  const showTime = createTimeFormat(timezone, { hasSeconds: width >= WIDE });
  return ({ at, agentId, agentName, description }) => {
    const name = plainLabel(agentName ?? agentId ?? '');
    const text = plainLabel(description);
    if (width < NARROW) {
      const who = clipToWidth(`${showTime(at)}${GAP}${name}`, width);
      return [painter.faint(who), clipToWidth(`${GAP}${text}`, width)];
    }
    const id = width >= WIDE ? `${padToWidth(agentId ?? '', ID_WIDTH)}${GAP}` : '';
    const start = `${showTime(at)}${GAP}${id}`;
    const who = padToWidth(clipToWidth(name, NAME_WIDTH), NAME_WIDTH);
    const rest = width - start.length - NAME_WIDTH - GAP.length;
    return [`${painter.faint(start)}${who}${GAP}${clipToWidth(text, rest)}`.trimEnd()];
  };
}

/** An activity for scripts: one JSON object in one line. */
export function activityLine({
  id,
  at,
  agentId,
  agentName,
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
    session_id: sessionId,
    type,
    description,
    subject,
    metadata,
  });
}
