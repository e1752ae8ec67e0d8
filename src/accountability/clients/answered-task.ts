const TOOL = /(?:^|[^a-z])(start_task|end_task)$/;
/**
 * The beginning of either answer, which may stand in further JSON as text. Further on the answer may name other tasks: those
 * that hold the files.
 */
const TASK =
  /"(?:agent_id\\*": ?\\*"agent_[0-9a-z]+|status\\*": ?\\*"completed)\\*", ?\\*"session_id\\*": ?\\*"(sess_[0-9a-z]+)/;

/** Of an answer, the characters that are looked at: the task stands near its beginning. */
export const MAX_ANSWER_CHARS = 2_000;

/**
 * A name for the call that started or ended a task, made of the answer that PopStash gave: some clients keep the answer, but
 * hand no id of the call to the server. link-entries.ts knows it.
 * @param tool as the client names it, such as `popstash_start_task` @param answer as the client keeps it
 */
export function nameAnsweredCall(tool: string | null, answer: unknown): string[] {
  const kind = TOOL.exec(tool ?? '')?.[1];
  if (kind === undefined || answer === null || answer === undefined) return [];
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const task = TASK.exec(text.slice(0, MAX_ANSWER_CHARS))?.[1];
  return task === undefined ? [] : [`${kind} ${task}`];
}
