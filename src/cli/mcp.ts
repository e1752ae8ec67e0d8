import { chooseMode, type Environment } from '../config.js';
import type { AddCommand } from './command-context.js';

/**
 * V8's settings of a front. There is one for each agent, so memory counts for more than speed that no call would show:
 * 80 instead of 101 MB, and no slower (bench/p5-memory.mjs). Set before anything is loaded. Little of what is loaded is
 * garbage: marking it before `initialize` is answered takes a tenth of the start (bench/p4-start.mjs).
 */
const START_FLAGS = ['--optimize-for-size', '--no-incremental-marking'];
/** And from then on. The space of young objects keeps its size: it would double once, by 10 MB, under steady calls. */
const STEADY_FLAGS = ['--incremental-marking', '--semi-space-growth-factor=1'];
/** A front that listens answers `initialize` within this, in ms. */
const FIRST_ANSWER_MS = 50;

export const addMcp: AddCommand = (program, { env }) => {
  program
    .command('mcp')
    .description('Speak MCP on stdin and stdout: what a client starts for its agent')
    .action(() => runMcp(env));
};

/**
 * One process for each agent. src/bin/ starts it without the rest of the command line, whose loading takes time: a bridge
 * (src/bin/bridge.ts) also without this file.
 */
export async function runMcp(env: Environment): Promise<void> {
  if (chooseMode(env) === 'embedded') {
    const { runBridge } = await import('../bridge/bridge.js');
    await runBridge(env);
    return;
  }
  const tune = process.getBuiltinModule('node:v8').setFlagsFromString;
  for (const flag of START_FLAGS) tune(flag);
  const { runFront } = await import('../app/run-front.js');
  await runFront(env);
  setTimeout(() => {
    for (const flag of STEADY_FLAGS) tune(flag);
  }, FIRST_ANSWER_MS).unref();
}
