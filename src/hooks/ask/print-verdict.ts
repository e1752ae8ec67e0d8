import type { HookEvent, HookVerdict } from '../../ipc/control-protocol.js';

/** What the hook's process writes and ends with. */
export interface Printed {
  stdout: string;
  stderr: string;
  code: number;
}

const NOTHING: Printed = { stdout: '', stderr: '', code: 0 };

/**
 * A verdict in the client's own format. Nothing is printed where there is nothing to say: an allow of ours would skip
 * the client's own question to its user.
 * @param eventName the client's name of the event, as its payload had it
 */
export function printVerdict(
  client: string,
  event: HookEvent,
  eventName: string | undefined,
  verdict: HookVerdict,
): Printed {
  const { decision, message = '' } = verdict;
  if (client === 'cursor') return printForCursor(event, eventName, decision, message);
  if (client === 'cline') return printForCline(decision, message);
  return decision === 'pass' ? NOTHING : json(forClaude(event, eventName, decision, message));
}

function forClaude(
  event: HookEvent,
  eventName: string | undefined,
  decision: 'deny' | 'tell',
  message: string,
): object {
  if (event === 'pre-tool-use') {
    const hookEventName = eventName ?? 'PreToolUse';
    return decision === 'deny'
      ? { hookSpecificOutput: { hookEventName, permissionDecision: 'deny', permissionDecisionReason: message } }
      : { hookSpecificOutput: { hookEventName, additionalContext: message } };
  }
  if (event === 'post-tool-use' && eventName !== 'PostToolUseFailure') return { decision: 'block', reason: message };
  const fallback = event === 'session-start' ? 'SessionStart' : 'PostToolUse';
  return { hookSpecificOutput: { hookEventName: eventName ?? fallback, additionalContext: message } };
}

function printForCursor(
  event: HookEvent,
  eventName: string | undefined,
  decision: HookVerdict['decision'],
  message: string,
): Printed {
  if (event === 'pre-tool-use') {
    if (decision === 'deny') return json({ permission: 'deny', user_message: message, agent_message: message });
    // The one event that waits for a decision and has its own default only when nothing is said.
    return NOTHING;
  }
  // Its observers of an edit or a command are told nothing back; postToolUse and sessionStart take context.
  if (decision === 'pass' || eventName?.startsWith('after')) return NOTHING;
  return json({ additional_context: message });
}

function printForCline(decision: HookVerdict['decision'], message: string): Printed {
  if (decision === 'deny') return json({ cancel: true, errorMessage: message });
  return json(decision === 'tell' ? { cancel: false, contextModification: message } : { cancel: false });
}

function json(value: object): Printed {
  return { stdout: `${JSON.stringify(value)}\n`, stderr: '', code: 0 };
}
