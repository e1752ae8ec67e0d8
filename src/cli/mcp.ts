import { chooseMode, type Environment } from '../config.js';
import type { AddCommand } from './command-context.js';

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
  // Before anything is loaded: one front for each agent, so memory counts for more than speed that no call would show
  // (bench/p5-memory.mjs: 80 instead of 101 MB, and no growth under steady calls; no slower).
  process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
  const { runFront } = await import('../app/run-front.js');
  await runFront(env);
}
