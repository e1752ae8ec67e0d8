// dist/start.mjs. Everything else is imported by the command that needs it: a bridge must start in a fraction of a
// server's time.
const args = process.argv.slice(2);

await start();

async function start(): Promise<void> {
  const { chooseMode, readEnvironment } = await import('../config.js');
  const env = readEnvironment();
  if (args[0] !== 'mcp' || args.length !== 1) {
    const { runProgram } = await import('../cli/program.js');
    return runProgram(env, args);
  }
  if (chooseMode(env) === 'embedded') {
    const { runBridge } = await import('../bridge/bridge.js');
    await runBridge(env);
  } else {
    // Before anything is loaded: one front for each agent, so memory counts for more than speed that no call would show
    // (bench/p5-memory.mjs: 80 instead of 101 MB, and no growth under steady calls; no slower).
    process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
    const { runFront } = await import('../app/run-front.js');
    await runFront(env);
  }
}
