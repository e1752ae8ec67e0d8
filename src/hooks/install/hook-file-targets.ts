import { join } from 'node:path';
import type { HookCommands, HooksFile, PluginFile, ScriptsFolder } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import type { Target } from './install-types.js';
import { isOurCommand, SCRIPT_MARK } from './our-commands.js';
import { editJson, readJson, removeEmptyJson, removeFromJson, removeJson, setJson } from './texts/edit-json.js';

/** How a client starts PopStash for an event. */
export type WordHook = (event: string) => HookCommands;

/** The hooks of a client in a JSON file, in place. */
export function hooksTarget(client: ClientDefinition, file: HooksFile, word: WordHook): Target {
  const top = file.at === 'top' ? [] : ['hooks'];
  const add = (text: string) => {
    const isNew = file.version !== undefined && readJson(text, ['version']) === undefined;
    return client.hooks.reduce(
      (edited, binding) => {
        const list = [...top, binding.name];
        const own = readList(edited, list).findIndex(isOurs);
        const index = own === -1 ? readList(edited, list).length : own;
        return setJson(edited, [...list, index], file.entry(binding, word(binding.event)));
      },
      isNew ? setJson(text, ['version'], file.version) : text,
    );
  };
  return {
    path: file.path,
    isExecutable: false,
    paste: add('{}\n').trim(),
    add: (before) => editJson(before, add),
    remove: (content) =>
      removeFromJson(content, (text) => {
        const names = Object.keys(readJson(text, top) ?? {});
        const cut = names.reduce((edited, name) => removeOurs(edited, [...top, name]), text);
        if (cut === text) return text;
        const without = top.length > 0 ? removeEmptyJson(cut, top) : cut;
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

function removeOurs(text: string, list: readonly string[]): string {
  if (!Array.isArray(readJson(text, [...list]))) return text;
  const own = readList(text, list).flatMap((entry, index) => (isOurs(entry) ? [index] : []));
  if (own.length === 0) return text;
  const without = own.reverse().reduce((edited, index) => removeJson(edited, [...list, index]), text);
  return removeEmptyJson(without, [...list]);
}

/** An entry, or a group of entries, with no command but ours. */
function isOurs(entry: unknown): boolean {
  const { command, bash, hooks } = (entry ?? {}) as { command?: unknown; bash?: unknown; hooks?: unknown };
  if (Array.isArray(hooks)) return hooks.length > 0 && hooks.every(isOurs);
  return [command, bash].some((each) => typeof each === 'string' && isOurCommand(each));
}

/** A script for each event of a client. */
export function scriptTargets(client: ClientDefinition, { path }: ScriptsFolder, word: WordHook): Target[] {
  return client.hooks.map(({ name, event }) => scriptTarget(join(path, name), word(event).posix));
}

function scriptTarget(path: string, command: string): Target {
  return {
    path,
    isExecutable: true,
    paste: command,
    add(before) {
      if (before !== null && !before.includes(SCRIPT_MARK)) throw new Error('it exists already; call popstash in it');
      return `#!/bin/sh\n${SCRIPT_MARK}\n${command}\n`;
    },
    remove: (content) => (content.includes(SCRIPT_MARK) ? null : content),
  };
}

/** A program of ours that a client loads. */
export function pluginTarget({ path, text }: PluginFile, word: WordHook): Target {
  const written = text((event) => word(event).posix);
  return {
    path,
    isExecutable: false,
    paste: written,
    add(before) {
      if (before !== null && !isPlugin(before)) throw new Error('it exists already, and is not of popstash init');
      return written;
    },
    remove: (content) => (isPlugin(content) ? null : content),
  };
}

function isPlugin(text: string): boolean {
  return text.startsWith(`//${SCRIPT_MARK.slice(1, -1)}`);
}
