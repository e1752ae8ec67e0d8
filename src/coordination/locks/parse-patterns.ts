import { isAbsolute } from 'node:path';
import { yieldToEventLoop } from '../../async/yield-to-event-loop.js';
import { AppError } from '../../errors.js';
import { runFileTask } from '../../files/run-file-task.js';
import { compileGlob } from '../../globs/compile-pattern.js';
import type { Workplace } from '../../project/resolve-project.js';
import { maskPattern } from '../../text/mask-secrets.js';
import { findPlainPath } from '../plain-paths/find-plain-path.js';
import { explainFault } from './explain-fault.js';
import type { OwnLock, PlacedPattern } from './lock-types.js';
import { normalizeTask, type Placing, placedOf, placeTextTask, placeWrittenTask } from './place-tasks.js';
import { pathOf } from './request-locks.js';
import { showPath } from './show-path.js';

/**
 * Automaton states of all patterns of one call: a hundred ordinary globs need a third of them. Comparing two globs takes
 * time for each pair of their states.
 */
const MAX_STATES = 5_000;

/** A workplace, with where the texts of one call lead, as the agent's own machine has found out. */
export interface PlacedWorkplace extends Workplace {
  placings?: Readonly<Record<string, Placing>> | undefined;
}

/**
 * Parses paths and globs into the form that is stored and compared, each once.
 * @param name the argument, for errors
 * @param speaker where relative paths begin
 * @param listHeld what the speaker holds: a path that equals one of these as answers show it means that one
 * @throws AppError `invalid_argument` naming the entry, or that the patterns are too complex together
 */
export async function parsePatterns(
  name: string,
  texts: readonly string[],
  speaker: Workplace,
  listHeld: () => Promise<readonly OwnLock[]>,
): Promise<PlacedPattern[]> {
  const findHeld = await createHeldFinder(texts, speaker, listHeld);
  const found = new Map<string, PlacedPattern>();
  for (const [index, text] of texts.entries()) {
    await yieldToEventLoop();
    const patterns = findHeld(text) ?? (await place(`${name}[${index}]: `, text, speaker));
    for (const pattern of patterns) {
      const key = `${pattern.isGlob} ${pathOf(pattern)}`;
      if (!found.has(key)) found.set(key, pattern);
    }
  }
  const patterns = [...found.values()];
  checkStates(name, patterns);
  return patterns;
}

/**
 * A pattern as it was written, without secrets: a path's normal form no longer has the slashes of an address. What leads
 * to the worktree stays; it is no part of what is stored.
 */
function maskWritten(text: string, { worktree }: Workplace): string {
  if (!isAbsolute(text)) return maskPattern(text);
  const lead = `${worktree}/`;
  return text.startsWith(lead) ? lead + maskPattern(text.slice(lead.length)) : text;
}

/** The literals of which no file exists, as answers show them. */
export function listNew(patterns: readonly PlacedPattern[]): string[] {
  return patterns.filter(({ isNew }) => isNew).map(({ shown }) => shown);
}

/** Answers name files from the top of the worktree; a speaker that stands elsewhere may repeat what it read there. */
async function createHeldFinder(
  texts: readonly string[],
  speaker: Workplace,
  listHeld: () => Promise<readonly OwnLock[]>,
): Promise<(text: string) => PlacedPattern[] | null> {
  if (texts.length === 0 || speaker.folder === speaker.worktree) return () => null;
  const held = new Map<string, PlacedPattern>();
  for (const lock of await listHeld()) {
    const shown = showPath(lock.worktree, lock.pattern, speaker);
    held.set(shown, { ...lock, root: speaker.root, shown, isNew: false });
  }
  return (text) => {
    const pattern = held.get(text.normalize('NFC'));
    return pattern ? [pattern] : null;
  };
}

async function place(where: string, text: string, speaker: Workplace): Promise<PlacedPattern[]> {
  const placing = await findPlacing(text, speaker);
  return await maskPlaced(explainFault(where, text, () => placedOf(placing)));
}

async function findPlacing(text: string, speaker: PlacedWorkplace): Promise<Placing> {
  if (!speaker.member) {
    const written = maskWritten(text, speaker);
    return placeAtOnce(written, speaker) ?? (await runFileTask(placeTextTask, speaker.folder, written, speaker));
  }
  return speaker.placings?.[text] ?? (await runFileTask(placeWrittenTask, speaker.folder, maskPattern(text), speaker));
}

/** What a thread would find out of the path of an ordinary file, without one. */
function placeAtOnce(text: string, speaker: Workplace): Placing | null {
  const plain = findPlainPath(text, speaker);
  if (!plain) return null;
  const { path, isNew } = plain;
  const pattern = { pattern: path, key: path, isGlob: false, literalPrefix: path, shown: path };
  return { placed: [{ ...pattern, board: speaker.id, root: speaker.root, worktree: speaker.worktree, isNew }] };
}

/** Where a text leads, found on the machine of the agent that wrote it: for the server of its team. */
export async function placeForServer(text: string, speaker: Workplace): Promise<Placing> {
  const placing = await runFileTask(placeTextTask, speaker.folder, maskWritten(text, speaker), speaker);
  return 'placed' in placing ? { placed: await maskPlaced(placing.placed) } : placing;
}

function checkStates(name: string, patterns: readonly PlacedPattern[]): void {
  const states = patterns.reduce((sum, { isGlob, key }) => (isGlob ? sum + compileGlob(key).rest.set.length : sum), 0);
  if (states <= MAX_STATES) return;
  throw new AppError({
    code: 'invalid_argument',
    message: `${name}: together these patterns are too complex: they need ${states} states, and at most ${MAX_STATES} are allowed.`,
    fix: 'Give them in several calls, or wider ones such as whole folders.',
  });
}

/**
 * Patterns as they may be stored: what looks like a secret in a name is a star, so that the file is still protected. Most come
 * back as they are.
 */
export async function maskPlaced(placed: readonly PlacedPattern[]): Promise<PlacedPattern[]> {
  return await Promise.all(
    placed.map(async (each) => {
      const masked = maskPattern(each.pattern);
      if (masked === each.pattern) return each;
      const pattern = await runFileTask(normalizeTask, each.worktree, masked);
      return { ...each, ...pattern, shown: maskPattern(each.shown), isNew: false };
    }),
  );
}
