import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Examples:
  popstash up           a minute at most; agents that connect start it too
  popstash up --json    with its pid, for a script`;

export const addUp: AddCommand = (program, { env, write }) => {
  program
    .command('up')
    .description('Start the local server and wait until its storage is open (`popstash mcp` starts it by itself)')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json?: boolean }) => {
      const [{ chooseDataDir }, { bringUp }] = await Promise.all([
        import('../config.js'),
        import('./context/bring-up.js'),
      ]);
      const dataDir = chooseDataDir(env);
      const { report, wasRunning } = await bringUp(dataDir);
      if (options.json)
        write(JSON.stringify({ ...report, popstash: undefined, data_dir: dataDir, was_running: wasRunning }));
      else {
        const state = wasRunning ? 'was already running' : 'is running';
        write(`The local server ${state}: version ${report.version}, pid ${report.pid}, data in ${dataDir}.`);
      }
    });
};
