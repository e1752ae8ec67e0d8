import { join } from 'node:path';
import type { HookEvent } from '../../ipc/control-protocol.js';
import { type Shell, shellCommand } from '../../text/shell-command.js';
import { clients } from '../clients/client-list.js';
import type { ClientFile, HooksFile, ServersFile } from '../definition/client-files.js';
import type { ClientDefinition, InstallPlaces } from '../definition/define-client.js';
import { editJson, readJson, removeEmptyJson, removeFromJson, removeJson, setJson } from './edit-json.js';
import type { Invocation, Target } from './install-types.js';
import { isOurCommand, SCRIPT_MARK } from './our-commands.js';

/** The files of a client in a project that init writes its part into. */
export function clientTargets(client: ClientDefinition, places: InstallPlaces, start: Invocation): Target[] {
  return targetsOf(client, client.files(places), start);
}

/** The files of a client in the user's home that `init --user` writes its part into. */
export function userTargets(client: ClientDefinition, home: string, start: Invocation): Target[] {
  return targetsOf(client, client.userFiles?.(home) ?? [], start);
}

function targetsOf(client: ClientDefinition, files: readonly ClientFile[], start: Invocation): Target[] {
  return files.flatMap((file): Target[] => {
    const { folders = [] } = file;
    return makeTargets(client, file, start).map((target) => ({ ...target, folders }));
  });
}

function makeTargets(client: ClientDefinition, file: ClientFile, start: Invocation): Target[] {
  switch (file.kind) {
    case 'servers':
      return [serversTarget(file, start)];
    case 'hooks':
      return [hooksTarget(client, file, start)];
    case 'scripts':
      return client.hooks.map(({ name, event }) => {
        return scriptTarget(join(file.path, name), hookCommand(client, event, start, 'posix'));
      });
  }
}

function serversTarget({ path, field, entry = (server) => server }: ServersFile, start: Invocation): Target {
  const [command = '', ...args] = start.program;
  const env = Object.keys(start.env).length > 0 ? { env: start.env } : {};
  const server = entry({ command, args: [...args, 'mcp'], ...env });
  return {
    path,
    isExecutable: false,
    add: (before) => editJson(before, (text) => setJson(text, [field, 'popstash'], server)),
    remove: (content) =>
      removeFromJson(content, (text) => removeEmptyJson(removeJson(text, [field, 'popstash']), [field])),
  };
}

function hooksTarget(client: ClientDefinition, file: HooksFile, start: Invocation): Target {
  return {
    path: file.path,
    isExecutable: false,
    add: (before) =>
      editJson(before, (text) => {
        const isNew = file.version !== undefined && readJson(text, ['version']) === undefined;
        return client.hooks.reduce(
          (edited, binding) => {
            const list = ['hooks', binding.name];
            const entries = readList(edited, list);
            const own = entries.findIndex(isOurs);
            const entry = file.entry(binding, hookCommand(client, binding.event, start));
            return setJson(edited, [...list, own === -1 ? entries.length : own], entry);
          },
          isNew ? setJson(text, ['version'], file.version) : text,
        );
      }),
    remove: (content) =>
      removeFromJson(content, (text) => {
        const names = Object.keys(readJson(text, ['hooks']) ?? {});
        const without = removeEmptyJson(names.reduce(removeOurs, text), ['hooks']);
        const isBare = file.version !== undefined && Object.keys(readJson(without, []) ?? {}).join() === 'version';
        return isBare ? removeJson(without, ['version']) : without;
      }),
  };
}

/** @throws Error when the field is no list */
function readList(text: string, path: readonly string[]): unknown[] {
  const value = readJson(text, [...path]) ?? [];
  if (!Array.isArray(value)) throw new Error(`"${path.at(-1)}" is no list`);
  return value;
}

function removeOurs(text: string, name: string): string {
  const list = ['hooks', name];
  const own = readList(text, list).flatMap((entry, index) => (isOurs(entry) ? [index] : []));
  const without = own.reverse().reduce((edited, index) => removeJson(edited, [...list, index]), text);
  return removeEmptyJson(without, list);
}

/** An entry, or a group of entries, with no command but ours. */
function isOurs(entry: unknown): boolean {
  const { command, hooks } = (entry ?? {}) as { command?: unknown; hooks?: unknown };
  if (Array.isArray(hooks)) return hooks.length > 0 && hooks.every(isOurs);
  return typeof command === 'string' && isOurCommand(command);
}

function scriptTarget(path: string, command: string): Target {
  return {
    path,
    isExecutable: true,
    add(before) {
      if (before !== null && !before.includes(SCRIPT_MARK)) {
        throw new Error(`it exists already; call this in it: ${command}`);
      }
      return `#!/bin/sh\n${SCRIPT_MARK}\nexec ${command}\n`;
    },
    remove: (content) => (content.includes(SCRIPT_MARK) ? null : content),
  };
}

function hookCommand(client: ClientDefinition, event: HookEvent, { hook, flags }: Invocation, shell?: Shell): string {
  const named = client === clients[0] ? [] : ['--client', client.name];
  return shellCommand([...hook, event, ...named, ...flags], shell);
}
