import type { GuardMode } from '../../config.js';
import type { HookEvent, HookVerdict } from '../../ipc/control-protocol.js';
import type { ToolUse } from '../definition/hook-format.js';

export interface LoneDeciderOptions {
  event: HookEvent;
  mode: GuardMode;
  /** Whether the client passes on to its agent what a verdict on an event says. */
  isHeard(event: HookEvent): boolean;
}

export interface LoneDecider {
  /** The verdict where the server gives none. @param why a clause */
  decide(action: ToolUse['action'], why: string): HookVerdict;
  /** A verdict that may not be about all files that a call writes. @param why undefined where it is */
  addUnchecked(verdict: HookVerdict, why: string | undefined): HookVerdict;
}

const PASS: HookVerdict = { popstash: 'verdict', decision: 'pass' };

/**
 * Decides about what the server does not know: in `guarded` mode an edit is refused, in `advisory` mode it passes, and the
 * agent is told so: before the edit, or after it where its client hands nothing on before.
 */
export function createLoneDecider({ event, mode, isHeard }: LoneDeciderOptions): LoneDecider {
  function tellEdit(verdict: HookVerdict, message: string): HookVerdict {
    const isTold = event === 'pre-tool-use' || (event === 'post-tool-use' && !isHeard('pre-tool-use'));
    if (!isTold || verdict.decision === 'deny') return verdict;
    return { ...verdict, decision: 'tell', message: verdict.message ? `${verdict.message}\n${message}` : message };
  }

  return {
    decide(action, why) {
      if (event === 'session-start') return { popstash: 'verdict', decision: 'tell', message: beginLater(why) };
      if (action !== 'edit') return PASS;
      if (mode === 'guarded' && event === 'pre-tool-use')
        return deny(`PopStash can't tell whether this file is free: ${why}.`, PING);
      return tellEdit(PASS, `PopStash does not check this edit: ${why}. It passes. ${PING}`);
    },

    addUnchecked(verdict, why) {
      if (why === undefined || verdict.decision === 'deny') return verdict;
      if (mode === 'guarded' && event === 'pre-tool-use')
        return deny(`PopStash can't tell which files this edit writes: ${why}.`, NAME_FILES);
      return tellEdit(verdict, `PopStash can't check all that this edit writes: ${why}. It passes. ${NAME_FILES}`);
    },
  };
}

const PING = 'Call the popstash tool ping, then try again; if it stays so, ask the user to run popstash doctor.';
const NAME_FILES = 'Edit the files one by one, each by its plain path.';

function deny(problem: string, fix: string): HookVerdict {
  return {
    popstash: 'verdict',
    decision: 'deny',
    message: `${problem} POPSTASH_GUARD is "guarded", so the edit is refused. ${fix}`,
  };
}

function beginLater(why: string): string {
  return (
    `PopStash could not say yet who works here and what is known: ${why}. It says so later, with a message of your user ` +
    'or after a tool. Or call start_task when you begin: it returns both. If it does not answer, ask the user to run ' +
    'popstash doctor.'
  );
}
