import type { AbandonedTask } from '../../coordination/sessions/abandoned-tasks.js';
import type { ResumedTask } from '../../coordination/sessions/resume-task.js';
import type { WorkingAgent } from '../../coordination/sessions/session-types.js';
import { humanAge, humanAgo } from '../../text/age.js';
import type { Section } from '../../text/fit-sections.js';
import { nameFiles } from '../../text/name-files.js';
import { quoteName, quotePath, quoteText } from '../../text/quote-text.js';
import { createAgentWords } from '../../text/word-agent.js';
import type { StoredMemory } from './guard-types.js';

/** Other agents that are listed, and the files of each. */
const SHOWN_AGENTS = 6;
const SHOWN_FILES = 4;
/** Files of the agent's own that are named, and characters of each. */
const SHOWN_OWN_FILES = 8;
const MAX_PATH = 60;
/** Characters of a task, and of a stash's name. */
const MAX_TASK = 120;
/** Characters of a stash's summary, and of a decision. */
const MAX_SUMMARY = 300;
const MAX_DECISION = 160;

/** The agent's own task and locks. */
export function describeOwn(own: readonly WorkingAgent[], sessionId: string | null, now: Date): string[] {
  const files = [...new Set(own.flatMap((each) => each.files))];
  const main = own.find((each) => each.sessionId !== null && each.sessionId === sessionId);
  if (!main) return files.length > 0 ? [`You hold ${nameSome(files, SHOWN_OWN_FILES)}.`] : [];
  const held = files.length > 0 ? `You hold ${nameSome(files, SHOWN_OWN_FILES)}.` : 'You hold no files.';
  return [
    `Your own task goes on: ${quoteText(main.task ?? '', MAX_TASK)} (${sessionId}, begun ${humanAgo(main.startedAt, now)}). ${held} ` +
      'start_task again goes on with it under a new name and adds files; end_task ends it and frees them.',
  ];
}

/** A task that goes on in this session after the death of its process. */
export function describeResumed({ sessionId, task, taken, lost }: ResumedTask): string[] {
  const files = taken.map(({ pattern }) => pattern);
  const held = files.length > 0 ? `You hold again ${nameSome(files, SHOWN_OWN_FILES)}.` : 'You hold no files.';
  const word = createAgentWords();
  const holders = lost
    .slice(0, SHOWN_OWN_FILES)
    .map(
      ({ requested, holder, worktree }) =>
        `${quotePath(requested, MAX_PATH)} by ${word(holder, { inWorktree: worktree })}`,
    );
  const more = lost.length > holders.length ? ` and ${lost.length - holders.length} more` : '';
  return [
    `Your own task ${quoteText(task, MAX_TASK)} (${sessionId}) ended with its process and goes on now. ${held} ` +
      'If it is done, call end_task: that frees them.',
    ...(holders.length > 0 ? [`Held by others meanwhile: ${holders.join(', ')}${more}. Leave these alone.`] : []),
  ];
}

/** At the end of a turn: how to end the task that is open. */
export function describeOpenTask({ sessionId, task, files }: WorkingAgent): string {
  const held = files.length > 0 ? ` and holds ${nameSome(files, SHOWN_OWN_FILES)}` : '';
  return (
    `PopStash: your task ${quoteText(task ?? '', MAX_TASK)} (${sessionId}) is open${held}. If it is done, call end_task with a summary: ` +
    'that frees the files for others. If you wait for the user or go on later, stop as you are.'
  );
}

/** A task that goes on as soon as its agent asks for it. */
export function describeOffer({ task, locks }: AbandonedTask): string {
  const files = locks.map(({ pattern }) => pattern);
  const held = files.length > 0 ? ` It held ${nameSome(files, SHOWN_OWN_FILES)}.` : '';
  return (
    `Your own task ${quoteText(task, MAX_TASK)} ended with its process.${held} To go on with it call start_task: of its files, those ` +
    'that are free are locked again.'
  );
}

export function describeStash({ stash }: StoredMemory): Section {
  if (!stash) return { heading: null, lines: [] };
  const { name, summary, createdAt, now } = stash;
  const line = `Newest stash here: ${quoteText(name, MAX_TASK)} (${humanAge(createdAt, now)}): ${quoteText(summary, MAX_SUMMARY)}`;
  return { heading: null, lines: [line] };
}

/** Decisions that bind every agent. */
export function describeDecisions({ decisions, hasMore }: StoredMemory): Section {
  return {
    heading: 'Decisions that bind you:',
    lines: decisions.map(
      ({ topic, decision }) => `- ${quoteName(topic, MAX_PATH)}: ${quoteText(decision, MAX_DECISION)}`,
    ),
    more: hasMore ? 1 : 0,
    rest: (count) => `- and ${hasMore ? 'more' : `${count} more`} (get_decisions)`,
  };
}

export function describeOthers(others: readonly WorkingAgent[], now: Date): Section {
  const word = createAgentWords();
  if (others.length === 0) return { heading: null, lines: ['No other agent is at work here now.'] };
  return {
    heading: 'At work in this project now:',
    lines: others.slice(0, SHOWN_AGENTS).map(({ agent, files, lastActive }) => {
      const held = files.length > 0 ? `; holds ${nameSome(files, SHOWN_FILES)}` : '';
      return `- ${word(agent)}${held} (last active: ${humanAge(lastActive, now)})`;
    }),
    more: Math.max(others.length - SHOWN_AGENTS, 0),
    rest: (count) => `- and ${count} more (who_is_working)`,
  };
}

function nameSome(files: readonly string[], maxNames: number): string {
  return nameFiles(files, { maxNames, maxPath: MAX_PATH });
}
