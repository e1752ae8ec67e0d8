import { chooseMode, type Environment } from '../config.js';
import { AppError } from '../errors.js';
import type { AddCommand } from './context/command-context.js';

/**
 * V8's settings of a front. There is one front for each agent, so memory counts for more than speed that no call would
 * show (bench/p5-memory.mjs: 85 instead of 105 MB, and no slower). The first is set before anything is loaded, the second
 * once the front listens: the space of young objects then keeps its size, which would double under steady calls.
 */
const START_FLAG = '--optimize-for-size';
const STEADY_FLAG = '--semi-space-growth-factor=1';

const EXAMPLES = `
Example:
  popstash mcp    what a client starts; popstash init writes it for the clients in use`;

export const addMcp: AddCommand = (program, { env }) => {
  program
    .command('mcp')
    .description('Speak MCP on stdin and stdout: what a client starts for its agent')
    .addHelpText('after', EXAMPLES)
    .action(() => runMcp(env));
};

/**
 * One process for each agent. src/bin/ starts it without the rest of the command line, whose loading takes time: a bridge
 * (src/bin/bridge.ts) also without this file.
 */
export async function runMcp(env: Environment): Promise<void> {
  if (env.POPSTASH_URL) {
    const [{ runMemberBridge }, { linkReader }, { listReadOrders }] = await Promise.all([
      import('../member/run-member-bridge.js'),
      import('../app/reader/link-reader.js'),
      import('../app/reader/list-read-orders.js'),
    ]);
    await runMemberBridge(env, { link: linkReader, listOrders: listReadOrders }).catch(reportFault);
    return;
  }
  if (chooseMode(env) === 'embedded') {
    const { runBridge } = await import('../bridge/bridge.js');
    await runBridge(env);
    return;
  }
  const setFlag = process.getBuiltinModule('node:v8').setFlagsFromString;
  setFlag(START_FLAG);
  const { runFront } = await import('../app/run-front.js');
  await runFront(env);
  setFlag(STEADY_FLAG);
}

/** Settings that are missing: one line, which clients show in their logs. */
function reportFault(error: unknown): never {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`popstash mcp: ${error.message} ${error.fix}\n`);
  process.exit(1);
}
