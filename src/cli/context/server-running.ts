import type { CommandContext } from './command-context.js';

export const NOT_RUNNING = 'The local server is not running; it starts with the first client, or with popstash up.';

/** Looking must not start anything. In server mode the database is what runs, for a member the team's server; asking it tells. */
export async function isServerRunning({ env }: CommandContext): Promise<boolean> {
  const { chooseDataDir, chooseMode, isOfTeam } = await import('../../config.js');
  if (chooseMode(env) === 'server' || isOfTeam(env)) return true;
  const [{ askServer }, { chooseSocketPath }] = await Promise.all([
    import('../../ipc/reach-server.js'),
    import('../../ipc/socket-path.js'),
  ]);
  return (await askServer(chooseSocketPath(chooseDataDir(env)))) !== null;
}
