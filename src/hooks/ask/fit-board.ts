import stringWidth from 'string-width';
import type { Board } from '../../ipc/control-protocol.js';

/** Columns of a status line. */
const MAX_COLUMNS = 80;
/** Columns of an agent's name, and the fewest that a task and the names of locks are shown in. */
const MAX_NAME = 24;
const MIN_TEXT = 8;
const GAP = ' · ';

/**
 * Who works in a window, its task, what it holds and what it has cost, in one line: the task and the names of the locks get
 * the room that the rest leaves.
 * @param cost in US dollars
 */
export function fitBoard({ agent, task, locks, lockCount, others }: Board, cost: number | undefined): string {
  const name = clip(agent, MAX_NAME);
  const count = lockCount === 0 ? 'no locks' : lockCount === 1 ? '1 lock' : `${lockCount} locks`;
  const end = [
    ...(others > 0 ? [others === 1 ? '1 other agent' : `${others} others`] : []),
    ...(cost === undefined ? [] : [`$${cost.toFixed(2)}`]),
  ];
  const fixed = [name, count, ...end].join(GAP);
  let room = MAX_COLUMNS - stringWidth(fixed);
  const shownTask = clip(task ?? 'no task', Math.max(room - GAP.length, MIN_TEXT));
  room -= GAP.length + stringWidth(shownTask);
  const names = locks.join(', ');
  const more = lockCount > locks.length ? ` +${lockCount - locks.length}` : '';
  const isNamed = locks.length > 0 && room >= MIN_TEXT + 2 + more.length;
  const held = isNamed ? `${count}: ${clip(names, room - 2 - more.length)}${more}` : count;
  return [name, shownTask, held, ...end].join(GAP);
}

/** A text in so many columns at most. */
function clip(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let clipped = '';
  let width = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment);
    if (width > columns) break;
    clipped += segment;
  }
  return `${clipped.trimEnd()}…`;
}
