#!/usr/bin/env node
import { chooseMode, readEnvironment } from './config.js';

// Everything else is imported by the command that needs it: a bridge must start in a fraction of a server's time.
const env = readEnvironment();
const args = process.argv.slice(2);

if (args[0] === 'hook') {
  const { runHook } = await import('./guard/run-hook.js');
  await runHook(env, args.slice(1));
} else if (args[0] === 'mcp' && args.length === 1) {
  if (chooseMode(env) === 'embedded') {
    const { runBridge } = await import('./local/bridge.js');
    await runBridge(env);
  } else {
    // Before anything is loaded: one front for each agent, so memory counts for more than speed that no call would show
    // (bench/p5-memory.mjs: 80 instead of 101 MB, and no growth under steady calls; no slower).
    process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
    const { runFront } = await import('./cli/mcp.js');
    await runFront(env);
  }
} else {
  const { runProgram } = await import('./cli/program.js');
  await runProgram(env, args);
}
