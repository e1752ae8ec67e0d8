import { filterWithYields } from '../../async/yield-to-event-loop.js';
import { runFileTask } from '../../files/run-file-task.js';
import { patternCovers, patternsOverlap } from '../../globs/compare-patterns.js';
import type { Workplace } from '../../project/resolve-project.js';
import type { AgentFacts } from '../../text/word-agent.js';
import { explainFault } from './explain-fault.js';
import type { LiveLock, PlacedPattern } from './lock-types.js';
import type { LocksService } from './locks-service.js';
import { maskPlaced, type PlacedWorkplace } from './parse-patterns.js';
import { placedOf, placePatternTask } from './place-tasks.js';
import { showPath } from './show-path.js';

export interface ForcedRelease {
  released: HeldPattern[];
  /** Arguments within which nothing is held, each with the held patterns that only overlap with it: those stay. */
  notHeld: { pattern: string; overlapping: HeldPattern[] }[];
}

interface HeldPattern {
  pattern: string;
  agentId: string;
  holder: AgentFacts;
}

/**
 * Takes the locks within these paths and globs from the agents that hold them. A path is read from the person's folder;
 * where nothing is held there, as messages name it, from the top of the worktree. One that nobody holds is read as a
 * folder: `docs` means `docs/**` also where no such folder exists yet.
 * @param by the person, for the holders to read
 * @throws AppError `invalid_argument` naming the pattern
 */
export async function forceRelease(
  locks: Pick<LocksService, 'listBoards' | 'forceRelease'>,
  person: PlacedWorkplace,
  { patterns: texts, by, reason }: { patterns: readonly string[]; by: string; reason: string },
): Promise<ForcedRelease> {
  const asked: { text: string; placed: PlacedPattern[] }[] = [];
  for (const text of texts) asked.push({ text, placed: await place(text, person) });
  const boards = new Set([person.id, ...asked.flatMap(({ placed }) => placed.map(({ board }) => board))]);
  const { locks: live } = await locks.listBoards([...boards]);
  const { held, missed } = await resolveArguments(asked, person, live);
  const released = await locks.forceRelease(held, by, reason);
  const remaining = live.filter(({ id }) => !released.some((ended) => ended.id === id));
  const describe = (lock: LiveLock) => ({
    pattern: showPath(lock.worktree, lock.pattern, person),
    agentId: lock.agentId,
    holder: lock.holder,
  });
  const notHeld: ForcedRelease['notHeld'] = [];
  for (const pattern of missed) {
    const overlaps = (lock: LiveLock) => lock.worktree === pattern.worktree && patternsOverlap(lock, pattern);
    const overlapping = await filterWithYields(remaining, overlaps);
    notHeld.push({ pattern: pattern.shown, overlapping: overlapping.map(describe) });
  }
  return { released: live.filter(({ id }) => released.some((ended) => ended.id === id)).map(describe), notHeld };
}

/** @returns the patterns within which something is held, and the others */
async function resolveArguments(
  asked: readonly { text: string; placed: PlacedPattern[] }[],
  person: PlacedWorkplace,
  live: readonly LiveLock[],
): Promise<{ held: PlacedPattern[]; missed: PlacedPattern[] }> {
  const covers = (pattern: PlacedPattern) => (lock: LiveLock) =>
    lock.worktree === pattern.worktree && patternCovers(pattern, lock);
  const isHeld = async (patterns: readonly PlacedPattern[]) => {
    for (const pattern of patterns) if ((await filterWithYields(live, covers(pattern), 1)).length > 0) return true;
    return false;
  };
  const held: PlacedPattern[] = [];
  const missed: PlacedPattern[] = [];
  for (const { text, placed } of asked) {
    const readings = [
      inClones(placed, person, live),
      namedInMessage(text, person, live),
      placed.some(({ isGlob }) => isGlob) ? [] : inClones(await place(`${text}/`, person), person, live),
    ];
    const reading = await findFirst(readings, isHeld);
    if (reading) held.push(...reading);
    else missed.push(...placed.slice(0, 1));
  }
  return { held, missed };
}

async function findFirst<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}

function namedInMessage(text: string, person: Workplace, live: readonly LiveLock[]): PlacedPattern[] {
  return live
    .map((lock) => ({ ...lock, shown: showPath(lock.worktree, lock.pattern, person) }))
    .filter(({ shown }) => shown === text)
    .map(({ shown, ...lock }) => ({ ...lock, literalPrefix: lock.key, root: person.root, shown, isNew: false }));
}

/** A member of a team means a path in whatever clone of the repository it is held. */
function inClones(
  placed: readonly PlacedPattern[],
  { member }: PlacedWorkplace,
  live: readonly LiveLock[],
): readonly PlacedPattern[] {
  if (!member) return placed;
  const worktrees = new Set(live.map(({ worktree }) => worktree));
  return [...placed, ...placed.flatMap((each) => [...worktrees].map((worktree) => ({ ...each, worktree })))];
}

async function place(text: string, person: PlacedWorkplace): Promise<PlacedPattern[]> {
  const placing = person.placings?.[text] ?? (await runFileTask(placePatternTask, person.folder, text, person));
  return await maskPlaced(explainFault('', text, () => placedOf(placing)));
}
