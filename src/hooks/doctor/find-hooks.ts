import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { HookEvent } from '../../ipc/control-protocol.js';
import { shellCommand } from '../../text/shell-command.js';
import type { HookPlaces } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import type { HookBinding } from '../definition/hook-binding.js';
import { asFields, asText } from '../definition/payload-fields.js';
import { readJson } from '../install/edit-json.js';
import { isOurCommand } from '../install/our-commands.js';
import { readOrNull } from '../install/read-or-null.js';

/** A command of ours that a client runs. */
export interface FoundHook {
  /** The file that names it, or the script itself. */
  path: string;
  command: string;
}

export interface FoundHooks {
  hooks: FoundHook[];
  /** Why hooks that are written down do not run, one sentence each. */
  faults: string[];
}

/** The commands that a client opened in a folder runs on an event, as its own files name them. */
export function findHooks(client: ClientDefinition, event: HookEvent, places: HookPlaces): FoundHooks {
  const { kind, paths, offSwitch } = client.hookSources(places);
  const bindings = client.hooks.filter((binding) => binding.event === event);
  const found: FoundHooks = { hooks: [], faults: [] };
  for (const path of paths) {
    if (kind === 'scripts') for (const { name } of bindings) addScript(found, join(path, name), event);
    else addListed(found, path, bindings, event, client, offSwitch);
  }
  return found;
}

function addScript({ hooks, faults }: FoundHooks, path: string, event: HookEvent): void {
  const text = readOrNull(path);
  if (text === null || !isOurCommand(text, event)) return;
  if (isExecutable(path)) hooks.push({ path, command: shellCommand([path]) });
  else faults.push(`${path} can't be run: it has no run bit (chmod +x)`);
}

function addListed(
  { hooks, faults }: FoundHooks,
  path: string,
  bindings: readonly HookBinding[],
  event: HookEvent,
  client: ClientDefinition,
  offSwitch: string | undefined,
): void {
  const text = readOrNull(path);
  if (text === null) return;
  try {
    const settings = asFields(readJson(text.replace(/^\ufeff/, ''), []));
    if (offSwitch !== undefined && settings[offSwitch] === true)
      faults.push(`${path} switches all hooks off (${offSwitch})`);
    for (const { name } of bindings) {
      const entries = asFields(settings.hooks)[name];
      for (const entry of Array.isArray(entries) ? entries : []) {
        for (const command of commandsOf(entry, event)) {
          if (matches(entry, client)) hooks.push({ path, command });
          else faults.push(`${path}: its matcher leaves out the client's edits`);
        }
      }
    }
  } catch (error) {
    faults.push(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Our commands in an entry, or in a group of entries. */
function commandsOf(entry: unknown, event: HookEvent): string[] {
  const { command, hooks } = asFields(entry);
  if (Array.isArray(hooks)) return hooks.flatMap((each) => commandsOf(each, event));
  return typeof command === 'string' && isOurCommand(command, event) ? [command] : [];
}

/** Whether the client runs the entry before the edit of its sample. Without a matcher it runs it before every tool. */
function matches(entry: unknown, client: ClientDefinition): boolean {
  const matcher = asText(asFields(entry).matcher);
  const tool = asText(asFields(client.samplePayload('', '', '')).tool_name);
  if (matcher === undefined || matcher === '*' || tool === undefined) return true;
  try {
    return new RegExp(`^(?:${matcher})$`).test(tool);
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
