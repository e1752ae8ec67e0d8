import { shellCommand } from '../../text/shell-command.js';
import { clients } from '../clients/client-list.js';
import type { ClientFile, HookCommands } from '../definition/client-files.js';
import type { ClientDefinition, InstallPlaces } from '../definition/define-client.js';
import { isInside } from '../guards/git-folders.js';
import { hooksTarget, pluginTarget, scriptTargets } from './hook-file-targets.js';
import type { Invocation, Target } from './install-types.js';
import { sharedHookCommand, sharedPowershellHook } from './launcher/launcher-path.js';
import { mergeTargets } from './merge-targets.js';
import { serversTarget, serverTablesTarget } from './server-targets.js';

/** The files of a client in a project that init writes its part into. */
export function clientTargets(client: ClientDefinition, places: InstallPlaces, start: Invocation): Target[] {
  const targets = client.files(places).flatMap((file) => {
    // A list of the user's own is read in all projects.
    return targetsOf(client, file, isInside(file.path, places.worktree) ? start : { ...start, shared: null });
  });
  return mergeTargets(targets);
}

/** The files of a client in the user's home that `init --user` writes its part into. */
export function userTargets(client: ClientDefinition, home: string, start: Invocation): Target[] {
  const files = client.userFiles?.(home) ?? [];
  return mergeTargets(files.flatMap((file) => targetsOf(client, file, { ...start, shared: null })));
}

function targetsOf(client: ClientDefinition, file: ClientFile, start: Invocation): Target[] {
  const { folders = [] } = file;
  return makeTargets(client, file, start).map((target) => ({ ...target, folders }));
}

function makeTargets(client: ClientDefinition, file: ClientFile, start: Invocation): Target[] {
  const word = (event: string) => wordHook(client, event, start);
  switch (file.kind) {
    case 'servers':
      return [serversTarget(file, serverEntry(start))];
    case 'server-tables':
      return [serverTablesTarget(file, serverEntry(start))];
    case 'hooks':
      return [hooksTarget(client, file, word)];
    case 'scripts':
      return scriptTargets(client, file, word);
    case 'plugin':
      return [pluginTarget(file, word)];
  }
}

function serverEntry({ shared, program, env }: Invocation) {
  const [command = '', ...args] = shared ?? program;
  const isEnvironmentWritten = shared === null && Object.keys(env).length > 0;
  return { command, args: [...args, 'mcp'], ...(isEnvironmentWritten && { env }) };
}

function wordHook(client: ClientDefinition, event: string, { shared, program, flags }: Invocation): HookCommands {
  const name = client.hooksAs ?? client.name;
  const named = [event, ...(name === clients[0].name ? [] : ['--client', name])];
  if (shared !== null) {
    const posix = [sharedHookCommand(), ...named].join(' ');
    return { command: posix, posix, powershell: sharedPowershellHook(named) };
  }
  const words = [...program, 'hook', ...named, ...flags];
  const powershell = `& ${words.map((each) => `'${each.replaceAll("'", "''")}'`).join(' ')}`;
  return { command: shellCommand(words), posix: shellCommand(words, 'posix'), powershell };
}
