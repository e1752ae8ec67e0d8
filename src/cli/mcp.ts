import { chooseMode, type Environment } from '../config.js';
import type { AddCommand } from './command-context.js';

/** A front has started after this long, in ms. */
const START_MS = 2_000;

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
  const v8 = process.getBuiltinModule('node:v8');
  // Before anything is loaded: one front for each agent, so memory counts for more than speed that no call would show
  // (bench/p5-memory.mjs: 80 instead of 101 MB, and no growth under steady calls; no slower).
  v8.setFlagsFromString('--optimize-for-size');
  // Little of what is loaded is garbage: collecting it before `initialize` is answered takes a tenth of the start.
  v8.setFlagsFromString('--no-incremental-marking');
  setTimeout(() => v8.setFlagsFromString('--incremental-marking'), START_MS).unref();
  const { runFront } = await import('../app/run-front.js');
  await runFront(env);
}
