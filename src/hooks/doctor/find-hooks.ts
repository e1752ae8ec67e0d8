import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { HookEvent } from '../../ipc/control-protocol.js';
import { shellCommand } from '../../text/shell-command.js';
import {
  type HookPlaces,
  type HookRules,
  type HookSources,
  MIN_HOOK_TIMEOUT_SECONDS,
} from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { asFields, asText, type Fields } from '../definition/payload-fields.js';
import { isOurCommand } from '../install/our-commands.js';
import { readOrNull } from '../install/read-or-null.js';
import { readSettings, type SettingsFile } from './read-settings.js';

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
  /** Variables that the client's settings give to its servers and hooks. */
  variables: Record<string, string>;
}

/** The commands that a client opened in a folder runs on an event, as its own files name them. */
export function findHooks(client: ClientDefinition, event: HookEvent, places: HookPlaces): FoundHooks {
  const sources = client.hookSources(places);
  const found: FoundHooks = { hooks: [], faults: [], variables: {} };
  const names = client.hooks.filter((binding) => binding.event === event).map(({ name }) => name);
  if (sources.kind === 'scripts') {
    for (const path of sources.paths) for (const name of names) addScript(found, join(path, name), event);
    return found;
  }
  if (sources.kind === 'plugins') {
    for (const path of sources.paths) addPlugin(found, path, event);
    return found;
  }
  const files = readSettings(sources, (text) => isOurCommand(text, event));
  found.faults.push(...files.flatMap(({ fault }) => fault ?? []));
  found.variables = mergeVariables(files, sources);
  const off = findOffSwitch(files, sources);
  if (off !== undefined) found.faults.push(off);
  const only = off === undefined ? findOnlyFile(files, sources) : null;
  for (const file of off === undefined ? files : []) {
    const each: FoundHooks = { hooks: [], faults: [], variables: {} };
    for (const name of names)
      addListed(each, file, asFields(file.settings.hooks ?? file.settings)[name], event, client, sources.rules);
    if (only !== null && file.path !== only && each.hooks.length > 0) {
      each.faults.push(`${only} switches off all hooks but its own (${sources.onlyOwn?.field})`);
      each.hooks = [];
    }
    found.hooks.push(...each.hooks);
    found.faults.push(...each.faults);
  }
  return found;
}

function mergeVariables(files: readonly SettingsFile[], { variables }: HookSources): Record<string, string> {
  if (variables === undefined) return {};
  const entries = files.flatMap(({ settings }) => Object.entries(asFields(settings[variables])));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** Why all hooks are off; undefined when they are not. The strongest file that has the switch decides. */
function findOffSwitch(files: readonly SettingsFile[], { offSwitch }: HookSources): string | undefined {
  if (offSwitch === undefined) return undefined;
  const last = files.findLast(({ settings }) => settings[offSwitch] !== undefined);
  return last?.settings[offSwitch] === true ? `${last.path} switches all hooks off (${offSwitch})` : undefined;
}

/** The file whose hooks alone are run; null when those of all are. */
function findOnlyFile(files: readonly SettingsFile[], { onlyOwn }: HookSources): string | null {
  const file = files.find(({ path }) => path === onlyOwn?.path);
  return file && onlyOwn && file.settings[onlyOwn.field] === true ? file.path : null;
}

function addScript({ hooks, faults }: FoundHooks, path: string, event: HookEvent): void {
  const text = readOrNull(path);
  if (text === null || !isOurCommand(text, event)) return;
  if (isExecutable(path)) hooks.push({ path, command: shellCommand([path]) });
  else faults.push(`${path} can't be run: it has no run bit (chmod +x)`);
}

/** A plugin of ours names the command that it runs in a line of its own. */
function addPlugin({ hooks }: FoundHooks, path: string, event: HookEvent): void {
  const [, command] = /^\/\/ Runs: (.+)$/m.exec(readOrNull(path) ?? '') ?? [];
  if (command === undefined || event === 'session-start') return;
  hooks.push({ path, command: command.replace(' pre-tool-use ', ` ${event} `) });
}

function addListed(
  { hooks, faults }: FoundHooks,
  { path }: SettingsFile,
  groups: unknown,
  event: HookEvent,
  client: ClientDefinition,
  rules: HookRules | undefined,
): void {
  const groupsFault = groups === undefined ? undefined : rules?.eventFault(groups);
  for (const group of Array.isArray(groups) ? groups : [groups]) {
    for (const hook of hooksOf(group)) {
      const command = asText(hook.command) ?? asText(process.platform === 'win32' ? hook.powershell : hook.bash);
      if (command === undefined || !isOurCommand(command, event)) continue;
      const fault = groupsFault ?? rules?.hookFault(hook) ?? findFault(hook, group, client, rules);
      if (fault === undefined) hooks.push({ path, command });
      else faults.push(`${path}: ${fault}`);
    }
  }
}

function findFault(
  hook: Fields,
  group: unknown,
  client: ClientDefinition,
  rules: HookRules | undefined,
): string | undefined {
  if (!matches(group, client, rules)) return "its matcher leaves out the client's edits";
  const { timeout } = hook;
  if (typeof timeout !== 'number' || timeout >= MIN_HOOK_TIMEOUT_SECONDS) return undefined;
  return `it is cut off after ${timeout} s, which may be before its verdict`;
}

/** The hooks in a group, or in an entry that is one itself. */
function hooksOf(entry: unknown): Fields[] {
  const { hooks } = asFields(entry);
  return Array.isArray(hooks) ? hooks.flatMap(hooksOf) : [asFields(entry)];
}

/** Whether the client runs the entry before the edit of its sample. Without a matcher it runs it before every tool. */
function matches(entry: unknown, client: ClientDefinition, rules: HookRules | undefined): boolean {
  const matcher = asText(asFields(entry).matcher);
  const tool = asText(asFields(client.samplePayload('', '', '')).tool_name);
  if (matcher === undefined || matcher === '*' || tool === undefined) return true;
  if (rules) return rules.matches(matcher, tool);
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
