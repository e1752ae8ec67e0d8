/** What a hook's process writes, and the code that it ends with. */
export interface HookOutput {
  stdout: string;
  stderr: string;
  code: number;
}

/** Nothing to say: the client goes on with its own rules and questions. */
export const NO_OUTPUT: HookOutput = { stdout: '', stderr: '', code: 0 };

/** An answer in JSON on stdout. */
export function jsonOutput(value: object): HookOutput {
  return { stdout: `${JSON.stringify(value)}\n`, stderr: '', code: 0 };
}
