import type { HookRules } from '../definition/client-files.js';
import type { NamedServer } from '../definition/define-client.js';
import { asFields, asText, asTexts } from '../definition/payload-fields.js';

/** A matcher of these characters is a list of names; any other one is a regular expression without an implied begin or end. */
const NAMES = /^[\w\s,|-]*$/;
/** PopStash among Claude Code's servers. */
const NAME = 'popstash';

/**
 * When Claude Code leaves out hooks that stand in its settings. Each rule was tried with Claude Code 2.1.328
 * (https://code.claude.com/docs/en/hooks, https://code.claude.com/docs/en/settings).
 */
export const claudeHookRules: HookRules = {
  fileFault(text, settings) {
    if (!isStrictJson(text)) return 'Claude Code reads no file with comments or commas at the end of a list';
    const { disableAllHooks: off } = settings;
    return off === undefined || typeof off === 'boolean' ? undefined : 'disableAllHooks is neither true nor false';
  },

  eventFault(groups) {
    if (!Array.isArray(groups)) return 'the hooks of an event stand in a list';
    return groups.every(isGroup) ? undefined : 'an entry beside it has another form, and Claude Code runs none of them';
  },

  hookFault({ type, async: isAsync, if: condition, shell }) {
    if (type !== 'command') return 'its type is not "command"';
    if (isAsync === true) return 'it runs in the background (async), where it can not deny';
    if (condition !== undefined) return `it runs only if ${JSON.stringify(condition)}`;
    return shell === undefined || shell === 'bash' ? undefined : `it is run by ${JSON.stringify(shell)}`;
  },

  matches(matcher, tool) {
    if (matcher === '*' || matcher === '') return true;
    if (NAMES.test(matcher)) return matcher.split(/[|,]/).some((name) => name.trim() === tool);
    try {
      return new RegExp(matcher).test(tool);
    } catch {
      return false;
    }
  },
};

/** Why Claude Code does not start PopStash, or hides its tools; tried like the rules above. */
export function findServerFault({ entry, text, settings }: NamedServer): string | undefined {
  if (!isStrictJson(text)) return 'Claude Code reads no file with comments or commas at the end of a list';
  if (entry.type !== undefined && entry.type !== 'stdio') return `its type is ${JSON.stringify(entry.type)}`;
  for (const { disabledMcpjsonServers: disabled, deniedMcpServers: denied, permissions } of settings) {
    if (asTexts(disabled).includes(NAME)) return 'settings disable it (disabledMcpjsonServers)';
    if (Array.isArray(denied) && denied.some((each) => asFields(each).serverName === NAME))
      return 'settings deny it (deniedMcpServers)';
    if (asTexts(asFields(permissions).deny).includes(`mcp__${NAME}`)) return 'settings deny its tools (permissions)';
  }
  return undefined;
}

/** JSON as its standard has it, but for a byte order mark. */
function isStrictJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}

function isGroup(group: unknown): boolean {
  const { matcher, hooks } = asFields(group);
  return (matcher === undefined || typeof matcher === 'string') && Array.isArray(hooks) && hooks.every(isHook);
}

function isHook(hook: unknown): boolean {
  const { type, command, timeout } = asFields(hook);
  if (asText(type) === undefined || (type === 'command' && asText(command) === undefined)) return false;
  return timeout === undefined || (typeof timeout === 'number' && timeout > 0);
}
