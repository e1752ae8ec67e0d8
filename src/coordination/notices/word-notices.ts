import { humanDuration } from '../../text/age.js';
import { nameFiles } from '../../text/name-files.js';
import { presentAgent } from '../../text/present-agent.js';
import { oneLine, quoteText } from '../../text/quote-text.js';
import { type AgentFacts, createAgentWords, nameOnly } from '../../text/word-agent.js';
import { MAX_NAMED_FILES, type Notice, type NoticeFacts } from './notice-types.js';

/** A notice as the agent reads it: a sentence, and the facts that it can act on. */
export interface WordedNotice {
  message: string;
  data: Record<string, unknown>;
}

/** Characters of a task. */
const MAX_TASK_CHARS = 120;
/** Characters of the patterns that a message names. */
const MAX_PATTERN_CHARS = 500;
/** Characters of what a person said. */
const MAX_REASON_CHARS = 300;
/** Characters of a text that a message quotes. */
const MAX_EXCERPT_CHARS = 120;
/** Characters of the files that a message names. */
const MAX_FILE_CHARS = 160;

/** Words a notice. What it quotes was written by others, and is shown like any stored text. */
export function wordNotice(notice: Notice): WordedNotice {
  switch (notice.kind) {
    case 'announcement': {
      const { message, author, ...data } = notice.facts;
      return { message, data: author ? { ...data, ...presentAuthor(author) } : data };
    }
    case 'lock_lost':
      return wordLostLock(notice.facts);
    case 'lock_expiring':
      return wordExpiringLock(notice.facts);
    case 'shell_write':
      return wordShellWrite(notice.facts);
    case 'guard_override':
      return wordOverride(notice.facts);
    case 'memory_replaced':
      return wordReplaced(notice.facts);
    case 'superseded': {
      const { decision_id: old, superseded_by: by } = notice.facts;
      const message = `Decision ${old}, which you were given, was superseded by ${by}. Call get_decisions before you rely on it.`;
      return { message, data: { ...notice.facts } };
    }
    case 'task_idle':
      return wordIdleTask(notice.facts);
    default:
      return notice satisfies never;
  }
}

/** Facts of the agent as they were when the notice was written: its name may belong to another agent now. */
function toFacts(author: Partial<AgentFacts>): AgentFacts {
  return { ...nameOnly(author.id ?? '', author.name ?? ''), ...author };
}

function presentAuthor(author: Partial<AgentFacts>): Record<string, unknown> {
  const facts = toFacts(author);
  return { ...presentAgent(facts), task: facts.task === null ? undefined : oneLine(facts.task, MAX_TASK_CHARS) };
}

function wordLostLock({ reason, note, locks }: NoticeFacts['lock_lost']): WordedNotice {
  const what =
    reason === 'expired'
      ? 'has expired'
      : `was released by the user${note === undefined ? '' : `: ${quoteText(note, MAX_REASON_CHARS)}`}`;
  return {
    message: `Your lock on ${listPatterns(locks)} ${what}. Call acquire before you edit there again.`,
    data: { locks },
  };
}

function wordExpiringLock({ silent_seconds, locks }: NoticeFacts['lock_expiring']): WordedNotice {
  const silence = `there was no sign of its session for ${Math.round(silent_seconds / 60)} minutes`;
  return {
    message:
      `Your lock on ${listPatterns(locks)} was about to expire: ${silence}. ` +
      'A call in that session keeps it; release it if you are done.',
    data: { locks },
  };
}

function wordIdleTask({ session_id, task, silent_seconds }: NoticeFacts['task_idle']): WordedNotice {
  const silence = humanDuration(silent_seconds * 1_000);
  return {
    message: `Your task ${quoteText(task, MAX_TASK_CHARS)} was ended: its session gave no sign of life for ${silence}. Call start_task to go on with it.`,
    data: { session_id },
  };
}

function wordShellWrite({ by_name, elsewhere, ...data }: NoticeFacts['shell_write']): WordedNotice {
  const { files, count = files.length, command, or_by: others = [], partial } = data;
  const who = by_name ?? 'an agent that could not be told';
  const rest = partial ? ' Not all held files could be compared.' : '';
  const where = elsewhere ? ` in another clone (${quoteText(data.worktree ?? '', MAX_FILE_CHARS)})` : '';
  const what = `${listFiles(files, count)}, held by you, changed${where} while ${who} ran a shell command: ${quoteText(command, MAX_FILE_CHARS)}.`;
  const advice = elsewhere
    ? 'Your own copy is as it was: agree with that agent (announce) who edits it.'
    : others.length === 0
      ? 'Read it again before you go on, and agree with that agent (announce) who edits it.'
      : `At the same time worked: ${others.join(', ')}. It may be of either: read it again before you go on.`;
  return { message: `${what} ${advice}${rest}`, data };
}

function wordOverride({ reason, ...data }: NoticeFacts['guard_override']): WordedNotice {
  const { event, files, count = files.length } = data;
  const did = event === 'pre-push' ? 'pushed' : 'committed';
  const why = reason === undefined ? '' : `: ${quoteText(reason, MAX_REASON_CHARS)}`;
  return {
    message: `A person ${did} ${listFiles(files, count)}, held by you${why}. Look at it before you go on.`,
    data,
  };
}

function wordReplaced({ by_name, author, ...data }: NoticeFacts['memory_replaced']): WordedNotice {
  const { kind, id, version, name, by, excerpt } = data;
  const agent = author ? createAgentWords()(toFacts(author)) : (by_name ?? 'An agent');
  const who = by === undefined ? 'A person' : agent;
  const did = by === undefined ? 'brought back another version of' : 'saved something else under';
  return {
    message:
      `${who} ${did} your ${kind} ${quoteText(name, MAX_FILE_CHARS)}: ${quoteText(excerpt, MAX_EXCERPT_CHARS)}. ` +
      `Yours is kept as version ${version}: recall with id "${id}".`,
    data,
  };
}

/** @param count how many there are in all */
function listFiles(files: readonly string[], count: number): string {
  return nameFiles(files, { count, maxNames: MAX_NAMED_FILES, maxChars: MAX_FILE_CHARS });
}

function listPatterns(locks: readonly { pattern: string }[]): string {
  const patterns = locks.map(({ pattern }) => pattern);
  return nameFiles(patterns, { maxChars: MAX_PATTERN_CHARS });
}
