import type { StatusAnswer } from '../mcp/admin-requests.js';
import { askServer } from './ask-server.js';
import type { AddCommand, CommandContext } from './command-context.js';

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description("Show this project's agents, memories and queue at a glance")
    .option('--json', 'print the answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const running = await isServerRunning(context);
      if (!running) {
        const text = 'The local server is not running; it starts with the first client, or with popstash up.';
        context.write(options.json ? JSON.stringify({ running: false }) : text);
        return;
      }
      const answer = (await askServer(context, { method: 'popstash/status' })) as unknown as StatusAnswer;
      context.write(options.json ? JSON.stringify({ running: true, ...answer }) : await describe(answer));
    });
};

/** Looking must not start anything. In server mode the database is what runs; asking it tells. */
async function isServerRunning({ env }: CommandContext): Promise<boolean> {
  const { chooseDataDir, chooseMode } = await import('../config.js');
  if (chooseMode(env) === 'server') return true;
  const [{ reachServer }, { chooseSocketPath }] = await Promise.all([
    import('../local/reach-server.js'),
    import('../local/socket-path.js'),
  ]);
  const reached = await reachServer(chooseSocketPath(chooseDataDir(env)), { popstash: 'report' });
  reached?.socket.destroy();
  return reached !== null;
}

async function describe({ status, mode, version, degraded }: StatusAnswer): Promise<string> {
  const { humanAge } = await import('../text/age.js');
  const now = new Date(status.now);
  const agents = status.agents.map(
    (agent) =>
      `  ${agent.id}  ${agent.name}  ${agent.task ?? 'no task'}  (seen: ${humanAge(new Date(agent.lastSeen), now)})`,
  );
  return [
    `popstash ${version}, ${mode} mode${degraded.length > 0 ? `, degraded: ${degraded.join(', ')}` : ''}`,
    `project   ${status.project}`,
    `memories  ${status.stashes} stashes, ${status.insights} insights, ${status.decisions} decisions`,
    `queue     ${status.pending === 0 ? 'nothing waits for a vector' : `${status.pending} passages wait for a vector`}`,
    `agents    ${agents.length === 0 ? 'none connected' : ''}`,
    ...agents,
  ].join('\n');
}
