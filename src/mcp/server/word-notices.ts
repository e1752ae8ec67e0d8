import type { NoticeFacts } from '../../coordination/notices/notice-types.js';

/** All that an agent is told of: what is stored, and what its connection hears by a signal. */
export interface ToldFacts extends NoticeFacts {
  /** A decision that the agent was given. */
  superseded: { decision_id: string; superseded_by: string };
}

export type ToldNotice = {
  [Kind in keyof ToldFacts]: { kind: Kind; facts: ToldFacts[Kind]; createdAt: Date };
}[keyof ToldFacts];

/** A notice as the agent reads it: a sentence, and the facts that it can act on. */
export interface WordedNotice {
  message: string;
  data: Record<string, unknown>;
}

/** Characters of the patterns that a message names. */
const MAX_PATTERN_CHARS = 500;
/** Files that a message names. */
const SHOWN_FILES = 8;

/** Words a notice. What it quotes was written by others, and is shown like any stored text. */
export function wordNotice(notice: ToldNotice): WordedNotice {
  switch (notice.kind) {
    case 'announcement': {
      const { message, ...data } = notice.facts;
      return { message, data };
    }
    case 'lock_lost':
      return wordLostLock(notice.facts);
    case 'lock_expiring':
      return wordExpiringLock(notice.facts);
    case 'shell_write':
      return wordShellWrite(notice.facts);
    case 'superseded': {
      const { decision_id: old, superseded_by: by } = notice.facts;
      const message = `Decision ${old}, which you were given, was superseded by ${by}. Call get_decisions before you rely on it.`;
      return { message, data: notice.facts };
    }
    default:
      return notice satisfies never;
  }
}

function wordLostLock({ reason, note, locks }: ToldFacts['lock_lost']): WordedNotice {
  const what =
    reason === 'expired' ? 'has expired' : `was released by the user${note === undefined ? '' : `: ${note}`}`;
  return {
    message: `Your lock on ${listPatterns(locks)} ${what}. Call acquire before you edit there again.`,
    data: { locks },
  };
}

function wordExpiringLock({ silent_seconds, locks }: ToldFacts['lock_expiring']): WordedNotice {
  const silence = `there was no sign of its session for ${Math.round(silent_seconds / 60)} minutes`;
  return {
    message:
      `Your lock on ${listPatterns(locks)} was about to expire: ${silence}. ` +
      'A call in that session keeps it; release it if you are done.',
    data: { locks },
  };
}

function wordShellWrite({ by_name, ...data }: ToldFacts['shell_write']): WordedNotice {
  const { files, command, by } = data;
  const who = by_name === undefined ? 'an agent that could not be told' : `${by_name} (${by})`;
  const more = files.length - SHOWN_FILES;
  const listed = `${files.slice(0, SHOWN_FILES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return {
    message:
      `${listed}, held by you, changed while ${who} ran a shell command: ${command}. ` +
      'Read it again before you go on, and agree with that agent (announce) who edits it.',
    data,
  };
}

function listPatterns(locks: readonly { pattern: string }[]): string {
  const patterns = locks.map(({ pattern }) => pattern).join(', ');
  return [...patterns].slice(0, MAX_PATTERN_CHARS).join('');
}
