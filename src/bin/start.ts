// dist/start.mjs: every command but `hook`. Each is imported when it is needed: a bridge must start in a fraction of the
// time that the whole command line takes to load.
const args = process.argv.slice(2);

await start();

async function start(): Promise<void> {
  const { readEnvironment } = await import('../config.js');
  const env = readEnvironment();
  if (args[0] === 'mcp' && args.length === 1) {
    const { runMcp } = await import('../cli/mcp.js');
    return await runMcp(env);
  }
  const { runProgram } = await import('../cli/program.js');
  return await runProgram(env, args);
}
