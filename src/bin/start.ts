// dist/start.mjs: every command but hooks and bridges. Each is imported when it is needed: a front process must not wait
// for the whole command line.
import { readEnvironment } from '../config.js';

const args = process.argv.slice(2);
const env = readEnvironment();

try {
  await start();
} catch (error) {
  const { reportFailure } = await import('../cli/terminal/report-failure.js');
  process.exit(reportFailure(error, { isDebugging: env.POPSTASH_LOG_LEVEL === 'debug' }));
}

async function start(): Promise<void> {
  if (args[0] === 'mcp' && args.length === 1) {
    const { runMcp } = await import('../cli/mcp.js');
    return await runMcp(env);
  }
  if (args[0] === 'ask-team' && args.length === 1) {
    const { answerOnce } = await import('../member/ask-team.js');
    return await answerOnce(env);
  }
  const { runProgram } = await import('../cli/program.js');
  return await runProgram(env, args);
}
