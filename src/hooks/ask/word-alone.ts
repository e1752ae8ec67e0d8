import type { Environment } from '../../config.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';

/**
 * What a hook says by itself, with the commands in it as they work here. Which these are is looked for, and the code for it
 * loaded, only where a text names one.
 */
export async function wordAlone(text: string, env: Environment): Promise<string> {
  if (!text.includes('popstash ')) return text;
  const { wordForAgents } = await import('../install/launcher/command-here.js');
  return wordForAgents(env)(text);
}

/** The same for a verdict that no server has given. */
export async function wordVerdict(verdict: HookVerdict, env: Environment): Promise<HookVerdict> {
  return verdict.message === undefined ? verdict : { ...verdict, message: await wordAlone(verdict.message, env) };
}
