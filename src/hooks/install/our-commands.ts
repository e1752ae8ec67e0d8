const OUR_HOOK =
  /\bhook(?:\.cjs)? (pre-tool-use|post-tool-use|session-start|session-end|prompt-submit|stop|subagent-stop)\b/;
const OUR_PROGRAM = /popstash|main\.js|hook\.cjs/;
/** Marks a script of ours. */
export const SCRIPT_MARK = '# Installed by popstash init.';

/** Whether a hook's command is one of ours. @param event only of this event, where one is named */
export function isOurCommand(command: string, event?: string): boolean {
  const named = OUR_HOOK.exec(command)?.[1];
  return named !== undefined && (event === undefined || named === event) && OUR_PROGRAM.test(command);
}
